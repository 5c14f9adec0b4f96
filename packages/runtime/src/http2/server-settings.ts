import { checkNumber } from "../core/check-number.js";
import type { OptionNames } from "../core/check-options.js";
import { type Compression, checkCompression } from "../core/compression.js";
import { MAX_TIMER_MS } from "../core/deadline.js";
import { TRAILER_BUDGET_BYTES } from "../wire/trailer-budget.js";
import { type MessageLimitOptions, type MessageLimits, messageLimitNames, messageLimits } from "./message-limits.js";

/** The HTTP/2 options of a server. */
export interface Http2ServerOptions extends MessageLimitOptions {
  /**
   * The compression of responses to clients that accept it. Requests may use any
   * supported compression, whatever this option says. Default: `"identity"`.
   */
  readonly compression?: Compression | undefined;
  /**
   * The maximum size of a call's trailers in bytes, as HTTP/2 counts them. If the
   * trailers exceed it, error details are dropped first, then trailing metadata,
   * and that is reported as an error. Default: 7 KiB.
   */
  readonly trailerBudgetBytes?: number | undefined;
  /** The calls that a client may have in flight on one connection. Further calls wait in the client. Default: 1000. */
  readonly maxConcurrentStreams?: number | undefined;
  /** The time for the TLS handshake of a connection, in milliseconds. Default: 20 000. */
  readonly handshakeTimeout?: number | undefined;
}

export const http2ServerOptionNames: OptionNames<Http2ServerOptions> = {
  ...messageLimitNames,
  compression: true,
  trailerBudgetBytes: true,
  maxConcurrentStreams: true,
  handshakeTimeout: true,
};

/** The settings of a server for connections. */
export interface ConnectionSettings {
  readonly maxConcurrentStreams: number;
  /** In milliseconds. */
  readonly handshakeTimeout: number;
}

/** The settings of a server for calls. */
export interface CallSettings extends MessageLimits {
  readonly compression: Compression;
  /** In bytes. */
  readonly trailerBudget: number;
}

/** The settings of a server. */
export interface ServerSettings extends ConnectionSettings, CallSettings {}

/** Checks the options and fills in the defaults. @throws TypeError if an option is invalid */
export function serverSettings(options: Http2ServerOptions): ServerSettings {
  const { trailerBudgetBytes = TRAILER_BUDGET_BYTES, maxConcurrentStreams = 1000, handshakeTimeout = 20_000 } = options;
  return {
    ...messageLimits(options),
    compression: checkCompression(options.compression) ?? "identity",
    trailerBudget: checkNumber("trailerBudgetBytes", trailerBudgetBytes, "bytes"),
    maxConcurrentStreams: checkNumber("maxConcurrentStreams", maxConcurrentStreams, "streams"),
    // With a longer timer, node:tls would throw at the first connection.
    handshakeTimeout: Math.min(checkNumber("handshakeTimeout", handshakeTimeout, "positiveMilliseconds"), MAX_TIMER_MS),
  };
}
