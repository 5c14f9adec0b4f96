import type { Deadline } from "../core/deadline.js";
import { isError } from "../core/is-error.js";
import { Status } from "../core/status.js";
import { GRPCError } from "../errors/error.js";
import { statusOf } from "../errors/status-of.js";
import type { StreamTerminatedError } from "../errors/stream-terminated-error.js";

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

/** How long before the deadline a reset can be due to it, in milliseconds. The timers of two computers are not exact. */
const EARLY_MS = 20;

/**
 * Why a call ends whose client is lost. The client enforces the deadline, too, and its reset with CANCEL (8) may
 * arrive before our timer fires.
 */
export function whyLost(reason: StreamTerminatedError, deadline: Deadline | undefined): Error {
  const isDeadline = reason.code === 8 && deadline !== undefined && deadline.remaining() < EARLY_MS;
  return isDeadline ? new GRPCError(Status.DEADLINE_EXCEEDED, "Deadline exceeded", [], { cause: reason }) : reason;
}
