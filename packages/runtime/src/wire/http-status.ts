import { Status } from "../core/status.js";

/**
 * The status of a call that was answered with an HTTP status other than 200 and
 * without a gRPC status, usually by a proxy.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
 */
export function statusOfHttpStatus(httpStatus: number): Status {
  return statuses[httpStatus] ?? Status.UNKNOWN;
}

const statuses: Readonly<Record<number, Status>> = {
  400: Status.INTERNAL,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.UNIMPLEMENTED,
  429: Status.UNAVAILABLE,
  502: Status.UNAVAILABLE,
  503: Status.UNAVAILABLE,
  504: Status.UNAVAILABLE,
};
