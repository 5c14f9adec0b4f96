import { Status } from "../core/status.js";
import type { CallStatus } from "../errors/call-end.js";

/**
 * Infers the origin of a status, for transports over a library that reports its
 * own failures in the same way as statuses from the server.
 *
 * The origin is `"peer"` if the status comes with details, trailing metadata or a pushback, or
 * if gRPC libraries do not use it for failures of their own. Otherwise it is
 * `"client"`: an UNAVAILABLE of unknown origin must not match an error that the
 * method declares.
 *
 * @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
export function originOf({ status, details, metadata, retryPushback }: CallStatus): "peer" | "client" {
  const hasContent = details !== undefined || retryPushback !== undefined || (metadata?.size ?? 0) > 0;
  return hasContent || onlyFromServers.has(status) ? "peer" : "client";
}

const onlyFromServers: ReadonlySet<Status> = new Set([
  Status.OK,
  Status.INVALID_ARGUMENT,
  Status.NOT_FOUND,
  Status.ALREADY_EXISTS,
  Status.FAILED_PRECONDITION,
  Status.ABORTED,
  Status.OUT_OF_RANGE,
  Status.DATA_LOSS,
]);
