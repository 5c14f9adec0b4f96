/**
 * The status of a finished call.
 *
 * @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
export enum Status {
  /** The call succeeded. */
  OK = 0,
  /** The call was cancelled, typically by the caller. */
  CANCELLED = 1,
  /** An error that has no better status, or an unexpected error of the server. */
  UNKNOWN = 2,
  /** The request is invalid, whatever the state of the system. */
  INVALID_ARGUMENT = 3,
  /** The deadline passed before the call completed. */
  DEADLINE_EXCEEDED = 4,
  /** The requested item does not exist. */
  NOT_FOUND = 5,
  /** The item to create already exists. */
  ALREADY_EXISTS = 6,
  /** The caller is identified, but not permitted to do this. */
  PERMISSION_DENIED = 7,
  /** A quota, a limit or a resource such as disk space is exhausted. */
  RESOURCE_EXHAUSTED = 8,
  /** The system is not in the state that the call requires. Do not retry until that state has changed. */
  FAILED_PRECONDITION = 9,
  /** The call conflicts with a concurrent one. Retry at a higher level, e.g. the whole transaction. */
  ABORTED = 10,
  /** The call exceeds a valid range, e.g. it reads past the end of a file. */
  OUT_OF_RANGE = 11,
  /** The server does not implement the method. */
  UNIMPLEMENTED = 12,
  /** An invariant of the system is broken. */
  INTERNAL = 13,
  /** The service is currently unavailable. Retrying the call may help. */
  UNAVAILABLE = 14,
  /** Data was lost or corrupted. */
  DATA_LOSS = 15,
  /** The credentials of the caller are missing or invalid. */
  UNAUTHENTICATED = 16,
}

/** Whether a value is one of the statuses that a call can fail with. */
export function isFailure(code: unknown): code is Status {
  return isStatus(code) && code !== Status.OK;
}

/** Whether a value, from a peer or from untyped code, is one of the statuses. */
export function isStatus(code: unknown): code is Status {
  return typeof code === "number" && Status[code] !== undefined;
}
