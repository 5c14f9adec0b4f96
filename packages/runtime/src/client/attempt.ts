import type { Metadata } from "../core/metadata.js";
import type { CallEnd } from "../errors/call-end.js";
import { ClientCall } from "./call.js";
import type { CalledMethod } from "./called-method.js";
import { wrongResponseCount } from "./outcome.js";
import type { ResolvedOptions } from "./resolve-options.js";

/** How attempts failed, by the errors made of that. An interceptor may throw any of them again. */
const failures = new WeakMap<object, { readonly attempt: Attempt; readonly end: CallEnd }>();

/** How the attempt ended that failed with this error; `undefined` if it is not the error of an attempt. */
export function endBehind(error: unknown): CallEnd | undefined {
  return failureBehind(error)?.end;
}

/** The same for some attempts. An interceptor may throw the error of another call. */
export function endBehindOneOf(isOneOf: (attempt: Attempt) => boolean, error: unknown): CallEnd | undefined {
  const failure = failureBehind(error);
  return failure !== undefined && isOneOf(failure.attempt) ? failure.end : undefined;
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

function failureBehind(error: unknown) {
  return Object(error) === error ? failures.get(error as object) : undefined;
}

/** What one `next()` of an interceptor runs: a call that reports its headers, and whose errors are recognised. */
export class Attempt extends ClientCall {
  readonly #headersArrived: (metadata: Metadata) => void;

  constructor(method: CalledMethod, options: ResolvedOptions, headersArrived: (metadata: Metadata) => void) {
    super(method, options);
    this.#headersArrived = headersArrived;
  }

  /** The caller's side watches the time, and cancels all attempts. */
  protected override watchDeadline(): void {}

  override onHeaders(metadata: Metadata): void {
    super.onHeaders(metadata);
    this.#headersArrived(metadata);
  }

  override throwIfFailed(cause?: unknown): void {
    try {
      super.throwIfFailed(cause);
    } catch (error) {
      throw this.#remember(error, this.end);
    }
  }

  override throwMissingResponse(): never {
    try {
      super.throwMissingResponse();
    } catch (error) {
      throw this.#remember(error, wrongResponseCount(0));
    }
  }

  #remember(error: unknown, end: CallEnd | undefined): unknown {
    if (end !== undefined && Object(error) === error) failures.set(error as object, { attempt: this, end });
    return error;
  }
}
