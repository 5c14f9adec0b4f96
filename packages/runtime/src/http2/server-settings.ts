import { checkNumber } from "../core/check-number.js";
import { type Compression, checkCompression } from "../core/compression.js";
import { MAX_TIMER_MS } from "../core/deadline.js";
import { TRAILER_BUDGET_BYTES } from "../wire/trailer-budget.js";
import { type MessageLimitOptions, type MessageLimits, messageLimits } from "./message-limits.js";

/** Options of a server that have to do with HTTP/2. */
export interface Http2ServerOptions extends MessageLimitOptions {
  /**
   * How responses are compressed, for clients that can read that. Requests may
   * be compressed in any case. Default: `"identity"`.
   */
  readonly compression?: Compression | undefined;
  /**
   * Bytes that the trailers of a call may have, as HTTP/2 counts them. Beyond it,
   * details are dropped, and that is reported. Default: 7 KiB.
   */
  readonly trailerBudgetBytes?: number | undefined;
  /** Calls that a client may have in flight on one connection. It waits with further ones. Default: 1000. */
  readonly maxConcurrentStreams?: number | undefined;
  /** Time for the TLS handshake of a connection, in milliseconds. Default: 20 000. */
  readonly handshakeTimeout?: number | undefined;
}

/** What a server does with connections. */
export interface ConnectionSettings {
  readonly maxConcurrentStreams: number;
  /** In milliseconds. */
  readonly handshakeTimeout: number;
}

/** What a server does with calls. */
export interface CallSettings extends MessageLimits {
  readonly compression: Compression;
  /** In bytes. */
  readonly trailerBudget: number;
}

/** What a server does. */
export interface ServerSettings extends ConnectionSettings, CallSettings {}

/** Fills in the defaults. @throws TypeError for an option of a wrong value */
export function serverSettings(options: Http2ServerOptions): ServerSettings {
  const { trailerBudgetBytes = TRAILER_BUDGET_BYTES, maxConcurrentStreams = 1000, handshakeTimeout = 20_000 } = options;
  return {
    ...messageLimits(options),
    compression: checkCompression(options.compression) ?? "identity",
    trailerBudget: checkNumber("trailerBudgetBytes", trailerBudgetBytes, "bytes"),
    maxConcurrentStreams: checkNumber("maxConcurrentStreams", maxConcurrentStreams, "streams"),
    // node:tls throws at the first connection where its timer would be longer.
    handshakeTimeout: Math.min(checkNumber("handshakeTimeout", handshakeTimeout, "positiveMilliseconds"), MAX_TIMER_MS),
  };
}
