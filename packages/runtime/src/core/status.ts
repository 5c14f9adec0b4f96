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
  /** An error without a better status, or one that a server did not mean to raise. */
  UNKNOWN = 2,
  /** The request is wrong whatever the state of the system. */
  INVALID_ARGUMENT = 3,
  /** The deadline passed before the call was over. */
  DEADLINE_EXCEEDED = 4,
  /** What was asked for does not exist. */
  NOT_FOUND = 5,
  /** What was to be created exists already. */
  ALREADY_EXISTS = 6,
  /** The caller is known, but may not do this. */
  PERMISSION_DENIED = 7,
  /** A quota, a limit or the disk is used up. */
  RESOURCE_EXHAUSTED = 8,
  /** The system is not in the state that the call needs; repeating it does not help. */
  FAILED_PRECONDITION = 9,
  /** The call lost against a concurrent one; repeat it at a higher level. */
  ABORTED = 10,
  /** The call went past a valid range. */
  OUT_OF_RANGE = 11,
  /** The server does not implement the method. */
  UNIMPLEMENTED = 12,
  /** An invariant of the system is broken. */
  INTERNAL = 13,
  /** The service cannot be reached at the moment; repeating the call may help. */
  UNAVAILABLE = 14,
  /** Data was lost or corrupted. */
  DATA_LOSS = 15,
  /** The caller is not known: credentials are missing or invalid. */
  UNAUTHENTICATED = 16,
}

/** Whether a value is one of the statuses that a call can fail with. */
export function isFailure(code: unknown): code is Status {
  return isStatus(code) && code !== Status.OK;
}

/** Whether what a peer sent, or untyped code gave, is one of the statuses. */
export function isStatus(code: unknown): code is Status {
  return typeof code === "number" && Status[code] !== undefined;
}
