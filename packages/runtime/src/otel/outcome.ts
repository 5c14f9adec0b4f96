import type { Attributes } from "@opentelemetry/api";
import type { ErrorInfo } from "../gen/google/rpc/error_details_pb.js";
import { type CallOutcome, GRPCError, Status, StreamTerminatedError } from "../index.js";
import type { Role } from "./role.js";

/** The statuses that are failures of a server, according to OpenTelemetry's conventions. */
const serverFailures: ReadonlySet<Status> = new Set([
  Status.UNKNOWN,
  Status.DEADLINE_EXCEEDED,
  Status.UNIMPLEMENTED,
  Status.INTERNAL,
  Status.UNAVAILABLE,
  Status.DATA_LOSS,
]);

/** Whether an outcome is an error to this side. */
export function isFailure(side: Role["side"], status: Status): boolean {
  return side === "client" ? status !== Status.OK : serverFailures.has(status);
}

/** The attributes of an outcome that have few values, for spans and metrics. */
export function outcomeAttributes(side: Role["side"], outcome: CallOutcome): Attributes {
  const status = Status[outcome.status];
  return {
    "rpc.status_code": status,
    ...(isFailure(side, outcome.status) ? { "error.type": status } : {}),
    ...(outcome.status === Status.OK ? {} : declaredAttributes(outcome)),
  };
}

/** What the contract of the method declares. Texts that it does not declare could have any value. */
function declaredAttributes({ declared }: CallOutcome): Attributes {
  if (declared === undefined) return { "grpc.error.declared": false };
  // Set if the contract declares a reason. Another ErrorInfo in the details is the choice of the peer.
  const { errorInfo: info } = (declared.data ?? {}) as { readonly errorInfo?: ErrorInfo };
  return {
    "grpc.error.declared": true,
    "grpc.error.kind": declared.kind,
    ...(info === undefined ? {} : { "grpc.error.reason": info.reason, "grpc.error.domain": info.domain }),
  };
}

/**
 * Who ended a call that failed: the `"server"` with a status, the `"client"` by cancelling it, the
 * `"deadline"`, or the loss of the `"connection"`.
 */
export function endedBy({ endedBy: side, status, error }: CallOutcome, deadlineExpired: boolean): string {
  // On a server the reset is the error, or its cause if it came at the deadline. On a client it is the cause.
  const reset = error instanceof GRPCError ? error.cause : error;
  const isReset = reset instanceof StreamTerminatedError;
  if (status === Status.DEADLINE_EXCEEDED && (side === "client" || deadlineExpired || isReset)) return "deadline";
  if (side === "server") return side;
  if (isReset && reset.code !== undefined) return reset === error ? "client" : "server";
  return isReset || status === Status.UNAVAILABLE ? "connection" : "client";
}
