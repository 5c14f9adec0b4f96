import { addBrand, hasBrand, isInstance } from "../core/brand.js";

/**
 * The peer reset the stream (RST_STREAM), or the connection was lost.
 *
 * A handler finds it in `signal.reason`, a caller in the `cause` of the
 * {@link GRPCError} that it catches.
 */
export class StreamTerminatedError extends Error {
  /** The HTTP/2 error code (RFC 9113, section 7); `undefined` if the connection was lost. */
  readonly code: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly code?: number | undefined } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = options.code;
  }

  /** @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === StreamTerminatedError ? hasBrand(value, brand) : isInstance(value, this);
  }
}

const brand = addBrand(StreamTerminatedError, "StreamTerminatedError");
