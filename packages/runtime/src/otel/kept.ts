/** The value of a key. It is created when it is first needed, and kept. */
export function kept<Key, Value>(known: Map<Key, Value>, key: Key, create: () => Value): Value {
  const value = known.get(key) ?? create();
  known.set(key, value);
  return value;
}
