/**
 * Marks a promise as handled. Use it for one that nobody may await: if it rejected,
 * that would be an unhandled rejection, which ends the process.
 *
 * @returns the promise
 */
export function markHandled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
