/**
 * Returns the result of `make`, or `undefined` if it throws. Use it to read
 * values from user code, where a getter or a Proxy may throw on any access.
 */
export function tryOrUndefined<T>(make: () => T, onError?: (error: unknown) => void): T | undefined {
  try {
    return make();
  } catch (error) {
    onError?.(error);
    return undefined;
  }
}
