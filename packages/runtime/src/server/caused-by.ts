import { statusOf } from "../errors/status-of.js";

/**
 * Whether an error is the reason of a cancellation, or says so: through its
 * causes, as an AbortError, or as a call that failed for the same reason. An
 * error that throws when it is looked at does not say so.
 */
export function isCausedBy(error: unknown, reason: Error): boolean {
  const status = statusOf(reason);
  try {
    // The limit is for causes that go in a circle.
    for (let e = error, depth = 0; e instanceof Error && depth < 100; e = e.cause, depth += 1) {
      if (e === reason || e.name === "AbortError" || (status !== undefined && statusOf(e) === status)) return true;
    }
  } catch {
    // Of the causes that could be read, none is the reason.
  }
  return false;
}
