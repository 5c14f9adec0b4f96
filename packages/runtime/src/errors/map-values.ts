/** Returns an object with the same keys, and the results of a function as values. */
export function mapValues<T, U>(
  object: { readonly [key: string]: T },
  map: (value: T, key: string) => U,
): { readonly [key: string]: U } {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
