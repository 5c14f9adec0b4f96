import { Status } from "../core/status.js";

/** A status that a call can fail with. */
export type FailureStatus = Exclude<Status, Status.OK>;

/** The HTTP status of an error, and its name in the registry of HTTP statuses. */
interface HttpStatus {
  readonly code: number;
  readonly phrase: string;
}

/**
 * The HTTP status that a REST API answers with.
 *
 * @see https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto, as AIP-193 requires
 */
export const httpStatuses: Readonly<Record<FailureStatus, HttpStatus>> = {
  [Status.CANCELLED]: { code: 499, phrase: "Client Closed Request" },
  [Status.UNKNOWN]: { code: 500, phrase: "Internal Server Error" },
  [Status.INVALID_ARGUMENT]: { code: 400, phrase: "Bad Request" },
  [Status.DEADLINE_EXCEEDED]: { code: 504, phrase: "Gateway Timeout" },
  [Status.NOT_FOUND]: { code: 404, phrase: "Not Found" },
  [Status.ALREADY_EXISTS]: { code: 409, phrase: "Conflict" },
  [Status.PERMISSION_DENIED]: { code: 403, phrase: "Forbidden" },
  [Status.RESOURCE_EXHAUSTED]: { code: 429, phrase: "Too Many Requests" },
  [Status.FAILED_PRECONDITION]: { code: 400, phrase: "Bad Request" },
  [Status.ABORTED]: { code: 409, phrase: "Conflict" },
  [Status.OUT_OF_RANGE]: { code: 400, phrase: "Bad Request" },
  [Status.UNIMPLEMENTED]: { code: 501, phrase: "Not Implemented" },
  [Status.INTERNAL]: { code: 500, phrase: "Internal Server Error" },
  [Status.UNAVAILABLE]: { code: 503, phrase: "Service Unavailable" },
  [Status.DATA_LOSS]: { code: 500, phrase: "Internal Server Error" },
  [Status.UNAUTHENTICATED]: { code: 401, phrase: "Unauthorized" },
};

/**
 * The status of an error of a REST API that names no gRPC status. Not the mapping of
 * wire/http-status.ts: that one is for answers to gRPC calls, where a 404 means that
 * the server has no such method.
 */
export function statusOfRestError(httpStatus: number | undefined): FailureStatus {
  if (httpStatus === undefined) return Status.UNKNOWN;
  return restStatuses[httpStatus] ?? classes[Math.floor(httpStatus / 100)] ?? Status.UNKNOWN;
}

const restStatuses: Readonly<Record<number, FailureStatus>> = {
  400: Status.INVALID_ARGUMENT,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  405: Status.UNIMPLEMENTED,
  408: Status.DEADLINE_EXCEEDED,
  409: Status.ABORTED,
  416: Status.OUT_OF_RANGE,
  422: Status.INVALID_ARGUMENT,
  429: Status.RESOURCE_EXHAUSTED,
  499: Status.CANCELLED,
  501: Status.UNIMPLEMENTED,
  502: Status.UNAVAILABLE,
  503: Status.UNAVAILABLE,
  504: Status.DEADLINE_EXCEEDED,
};

/** The statuses for the other HTTP statuses of a class, by its first digit. */
const classes: Readonly<Record<number, FailureStatus>> = {
  4: Status.FAILED_PRECONDITION,
  5: Status.INTERNAL,
};
