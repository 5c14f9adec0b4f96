import { isError } from "../core/is-error.js";
import { statusOf } from "../errors/status-of.js";

/**
 * Whether an error results from a cancellation: the error or one of its causes is
 * the reason itself, an AbortError, or a GRPCError with the status of the reason.
 * `false` if a getter of the error throws before that is known.
 */
export function isCausedBy(error: unknown, reason: Error): boolean {
  const status = statusOf(reason);
  try {
    // The limit is for circular causes. Errors of another realm are not an `instanceof Error`.
    for (let e = error, depth = 0; isError(e) && depth < 100; e = e.cause, depth += 1) {
      if (e === reason || e.name === "AbortError" || (status !== undefined && statusOf(e) === status)) return true;
    }
  } catch {
    // A getter threw. None of the causes read before it is the reason.
  }
  return false;
}
