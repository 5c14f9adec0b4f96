import { recordOf } from "./error-record.js";

/**
 * Whether a method declares an error as retryable. User code may have given the error
 * a property `retryable` of its own, so this reads the record. Many methods may declare
 * a shared error, so it counts only if it is the outcome of a call of this method.
 *
 * @param path the path of the method
 */
export function isDeclaredRetryable(error: object, path: string): boolean {
  const { declared, method } = recordOf(error) ?? {};
  return declared?.retryable === true && (declared.declaredBy === path || method === path);
}
