import { recordOf } from "./error-record.js";

/**
 * Whether a method declares an error as retryable. User code may have given the error
 * a property `retryable` of its own, so this reads the record.
 *
 * @param path the path of the method
 */
export function isDeclaredRetryable(error: object, path: string): boolean {
  const declared = recordOf(error)?.declared;
  return declared?.retryable === true && declared.declaredBy === path;
}
