/**
 * Returns a function that works out once what belongs to a key.
 *
 * There may be thousands of services that ask for what belongs to their file, or to the whole request.
 */
export function remember<K extends object, V extends object>(workOut: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const value = known.get(key) ?? workOut(key);
    known.set(key, value);
    return value;
  };
}
