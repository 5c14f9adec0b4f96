import type { CallEnd } from "../core/call-end.js";
import { type DetailRegistry, detailSchemas } from "../core/detail-registry.js";
import { GRPCError } from "../core/error.js";
import type { Method } from "../core/method.js";
import { Status } from "../core/status.js";
import { decodeStatusDetails } from "../core/status-details.js";
import { StreamTerminatedError } from "../core/stream-terminated-error.js";

/** What an error says of the call that it belongs to. */
export interface CallInfo {
  readonly method: Method;
  readonly peer: string | undefined;
  readonly registry: DetailRegistry | undefined;
}

/** The caller's error for a call that did not succeed. Make it where the caller waits, for the stack's sake. */
export function callError(end: CallEnd, call: CallInfo): GRPCError {
  const decoded =
    end.details === undefined
      ? undefined
      : decodeStatusDetails(end.details, detailSchemas(call.registry, call.method.desc.parent));
  const corrupt = end.corruptDetails ?? (decoded?.cause === undefined ? undefined : end.details);
  const cause = end.cause ?? terminated(end) ?? decoded?.cause;
  return new GRPCError(end.status, end.message, corrupt === undefined ? decoded?.details : [], {
    ...(cause === undefined ? {} : { cause }),
    metadata: end.metadata,
    origin: end.origin,
    method: call.method.path,
    peer: call.peer,
    corruptDetails: corrupt,
  });
}

/** The caller's signal, or that of the call it is part of, has fired. */
export function cancelledBy(signal: AbortSignal): CallEnd {
  // The deadline of the call that this one is part of: one status, whichever timer was first.
  if (signal.reason instanceof GRPCError && signal.reason.status === Status.DEADLINE_EXCEEDED) {
    return { ...deadlineExceeded, cause: signal.reason };
  }
  return { status: Status.CANCELLED, message: "Cancelled by the caller", origin: "client", cause: signal.reason };
}

/** The deadline of the call has passed. */
export const deadlineExceeded: CallEnd = {
  status: Status.DEADLINE_EXCEEDED,
  message: "Deadline exceeded",
  origin: "client",
};

/** The call was left before its end. */
export const abandoned: CallEnd = { status: Status.CANCELLED, message: "Cancelled by the caller", origin: "client" };

/** A request could not be encoded. */
export function notEncodable(cause: unknown): CallEnd {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { status: Status.INTERNAL, message: `Cannot encode the request: ${reason}`, origin: "client", cause };
}

/** A call with a single response ended OK, but not with exactly one message. */
export function wrongResponseCount(count: number): CallEnd {
  return {
    status: Status.UNIMPLEMENTED,
    message: `Expected one response message, got ${count}`,
    origin: "client",
  };
}

function terminated(end: CallEnd): StreamTerminatedError | undefined {
  if (end.resetCode === undefined) return undefined;
  return new StreamTerminatedError(end.message ?? "The peer reset the stream", { code: end.resetCode });
}
