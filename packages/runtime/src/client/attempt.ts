import type { Message } from "@bufbuild/protobuf";
import type { CallEnd } from "../errors/call-end.js";
import type { PendingReason } from "../transport/client.js";
import type { RequestReceiver } from "./held-requests.js";
import type { ClientResult } from "./interceptor.js";

/** What one `next()` of an interceptor starts: the run of the interceptor inside, or a call on the transport. */
export interface Attempt extends RequestReceiver {
  /** What `next()` has returned. */
  result: Promise<ClientResult> | undefined;
  /** Settles it. */
  resolve: ((result: ClientResult | Promise<ClientResult>) => void) | undefined;
  /** Starts the attempt. It calls `onAttemptOver()` of what is around it when it is over, perhaps at once. */
  start(): void;
  /** How it has ended; `undefined` if it is not over, or if `fail()` has ended it. */
  readonly end: CallEnd | undefined;
  readonly peer: string | undefined;
  /** The errors of the attempts that this one consists of and that have failed. */
  readonly attempts: readonly Error[];
  whyPending(): PendingReason | undefined;
  cancel(end: CallEnd): void;
  /** @throws the error of an attempt that has failed */
  throwIfFailed(): void;
  /** The only response of an attempt that has succeeded. @throws GRPCError if there is none */
  takeOnly(): Message;
}

/** How attempts failed, by the errors made of that. An interceptor may throw any of them again. */
const failures = new WeakMap<object, { readonly attempt: Attempt; readonly end: CallEnd }>();

/** How the attempt ended that failed with this error; `undefined` if it is not the error of an attempt. */
export function endBehind(error: unknown): CallEnd | undefined {
  return failureBehind(error)?.end;
}

/** The same for some attempts. An interceptor may throw the error of another call. */
export function endBehindOneOf(attempts: readonly Attempt[], error: unknown): CallEnd | undefined {
  const failure = failureBehind(error);
  return failure !== undefined && attempts.includes(failure.attempt) ? failure.end : undefined;
}

/**
 * Adds the errors of earlier attempts to the one that the call fails with, so that
 * the caller gets them. An error that user code has created is left as it is.
 *
 * @returns the error
 */
export function withAttempts(error: unknown, attempts: readonly Error[]): unknown {
  const failure = failureBehind(error);
  if (failure === undefined || attempts.length === 0) return error;
  const { attempt, end } = failure;
  failures.set(error as object, { attempt, end: { ...end, attempts: [...attempts, ...(end.attempts ?? [])] } });
  return error;
}

/** Remembers that an attempt has failed with an error. @returns the error */
export function rememberFailure(attempt: Attempt, error: unknown, end: CallEnd | undefined): unknown {
  if (end !== undefined && Object(error) === error) failures.set(error as object, { attempt, end });
  return error;
}

function failureBehind(error: unknown) {
  return Object(error) === error ? failures.get(error as object) : undefined;
}
