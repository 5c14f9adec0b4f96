/**
 * What a function makes, or `undefined` if it throws. For values of user code:
 * a getter or a Proxy may throw whenever somebody looks at it.
 */
export function attempt<T>(make: () => T, onError?: (error: unknown) => void): T | undefined {
  try {
    return make();
  } catch (error) {
    onError?.(error);
    return undefined;
  }
}
