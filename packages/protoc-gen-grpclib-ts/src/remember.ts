/**
 * Returns a function that computes the value for each key once, and caches it.
 *
 * Thousands of services may ask for the same value of their file or of the whole request.
 */
export function remember<K extends object, V extends object>(compute: (key: K) => V): (key: K) => V {
  const cache = new WeakMap<K, V>();
  return (key) => {
    const value = cache.get(key) ?? compute(key);
    cache.set(key, value);
    return value;
  };
}
