import type { Deadline } from "../core/deadline.js";
import { Status } from "../core/status.js";
import { GRPCError } from "../errors/error.js";
import type { StreamTerminatedError } from "../errors/stream-terminated-error.js";

/** How long before the deadline a reset can be due to it, in milliseconds. The timers of two computers are not exact. */
const EARLY_MS = 20;

/**
 * Why a call ends whose client is lost. The client enforces the deadline, too, and its reset with CANCEL (8) may
 * arrive before our timer fires. Such a reset counts as the deadline, so that the outcome does not depend on which side
 * is faster.
 */
export function whyLost(
  reason: StreamTerminatedError,
  deadline: Deadline | undefined,
): StreamTerminatedError | GRPCError {
  const isDeadline = reason.code === 8 && deadline !== undefined && deadline.remaining() < EARLY_MS;
  return isDeadline ? new GRPCError(Status.DEADLINE_EXCEEDED, "Deadline exceeded", [], { cause: reason }) : reason;
}
