import type { Metadata } from "../core/metadata.js";
import type { CallEnd } from "../errors/call-end.js";
import { ClientCall } from "./call.js";
import type { CalledMethod } from "./called-method.js";
import type { ClientResult } from "./interceptor.js";
import { wrongResponseCount } from "./outcome.js";
import type { ResolvedOptions } from "./resolve-options.js";

/** How attempts failed, by the errors made of that. An interceptor may throw any of them again. */
const ends = new WeakMap<object, CallEnd>();

/** The end of the attempt that failed with this error; `undefined` if it is another error. */
export function endBehind(error: unknown): CallEnd | undefined {
  return Object(error) === error ? ends.get(error as object) : undefined;
}

/** What one `next()` of an interceptor runs: a call that reports its headers, and whose errors are recognised. */
export class Attempt extends ClientCall {
  /** What `next()` has returned. */
  result: Promise<ClientResult> | undefined;
  readonly #headersArrived: (metadata: Metadata) => void;

  constructor(method: CalledMethod, options: ResolvedOptions, headersArrived: (metadata: Metadata) => void) {
    super(method, options);
    this.#headersArrived = headersArrived;
  }

  override onHeaders(metadata: Metadata): void {
    super.onHeaders(metadata);
    this.#headersArrived(metadata);
  }

  override throwIfFailed(cause?: unknown): void {
    try {
      super.throwIfFailed(cause);
    } catch (error) {
      throw remember(error, this.end);
    }
  }

  override throwMissingResponse(): never {
    try {
      super.throwMissingResponse();
    } catch (error) {
      throw remember(error, wrongResponseCount(0));
    }
  }
}

function remember(error: unknown, end: CallEnd | undefined): unknown {
  if (end !== undefined && Object(error) === error) ends.set(error as object, end);
  return error;
}
