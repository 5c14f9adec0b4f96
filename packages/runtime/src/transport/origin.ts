import { Status } from "../core/status.js";
import type { CallStatus } from "../errors/call-end.js";

/**
 * Whose status it is, for transports that are not told: their library reports
 * its own failures in the same way as what a server sent.
 *
 * The status is the server's if it comes with details or trailing metadata, or if
 * it is one that gRPC libraries do not use for failures of their own. Anything
 * else counts as `"client"`: an UNAVAILABLE of unknown origin must not be taken
 * for an error that the server declares.
 *
 * @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
export function originOf({ status, details, metadata }: CallStatus): "peer" | "client" {
  const evidence = (details?.length ?? 0) > 0 || (metadata?.size ?? 0) > 0;
  return evidence || onlyFromServers.has(status) ? "peer" : "client";
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
