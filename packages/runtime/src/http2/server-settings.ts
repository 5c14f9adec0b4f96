import * as checkNumber from "../core/check-number.js";
import type { OptionNames } from "../core/check-options.js";
import { type Compression, checkCompression } from "../core/compression.js";
import { MAX_TIMER_MS } from "../core/deadline.js";
import { TRAILER_BUDGET_BYTES } from "../wire/trailer-budget.js";
import type { PastConnections } from "./accepted-sockets.js";
import { CallTally } from "./call-tally.js";
import { DECOMPRESSED_BYTES, MAX_HEADER_BYTES } from "./connection-limits.js";
import { MemoryBudget } from "./memory-budget.js";
import { type MessageLimitOptions, type MessageLimits, messageLimitNames, messageLimits } from "./message-limits.js";
import { type ServerKeepalive, type ServerKeepaliveOptions, serverKeepalive } from "./server-keepalive.js";

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
  /**
   * The time for a client to complete the TLS handshake and to send the settings of
   * HTTP/2, in milliseconds. Default: 20 000.
   */
  readonly handshakeTimeout?: number | undefined;
  /**
   * How many connections may be without HTTP/2 at a time, on each address that the
   * server listens on. If there is another, the oldest of them is closed. Default: no limit.
   */
  readonly maxConnecting?: number | undefined;
  /** Pings between the server and its clients. */
  readonly keepalive?: ServerKeepaliveOptions | undefined;
  /** The time without calls after which a connection is closed, in milliseconds, or up to a quarter more. Default: none. */
  readonly maxConnectionIdle?: number | undefined;
  /** The age at which a connection is closed, in milliseconds, 10 % more or less. Default: none. */
  readonly maxConnectionAge?: number | undefined;
  /**
   * The time that calls may continue on a connection that has reached
   * `maxConnectionAge`, in milliseconds. Then they end with UNAVAILABLE. Default: no limit.
   */
  readonly maxConnectionAgeGrace?: number | undefined;
  /**
   * The largest header block of a request with its metadata, in bytes as HTTP/2
   * counts them: names, values, and 32 bytes for each. The server advertises it to
   * clients. A call with a larger one fails with RESOURCE_EXHAUSTED. Node takes at most 64 KiB in
   * one value, and about 128 KiB in all. Default: 64 KiB.
   */
  readonly maxHeaderBytes?: number | undefined;
}

export const http2ServerOptionNames: OptionNames<Http2ServerOptions> = {
  ...messageLimitNames,
  compression: true,
  trailerBudgetBytes: true,
  maxConcurrentStreams: true,
  handshakeTimeout: true,
  maxConnecting: true,
  keepalive: true,
  maxConnectionIdle: true,
  maxConnectionAge: true,
  maxConnectionAgeGrace: true,
  maxHeaderBytes: true,
};

/** The settings of a server for connections. */
export interface ConnectionSettings {
  readonly maxConcurrentStreams: number;
  /** In milliseconds, as are the next three. */
  readonly handshakeTimeout: number;
  readonly maxConnectionIdle: number;
  readonly maxConnectionAge: number;
  readonly maxConnectionAgeGrace: number;
  readonly maxConnecting: number;
  readonly keepalive: ServerKeepalive;
  readonly maxHeaderBytes: number;
  /** Counts the connections of all addresses. */
  readonly past: PastConnections;
}

/** The settings of a server for calls. */
export interface CallSettings extends MessageLimits {
  readonly compression: Compression;
  /** In bytes. */
  readonly trailerBudget: number;
  /** In bytes. */
  readonly maxHeaderBytes: number;
  /** Counts the calls of all addresses. */
  readonly tally: CallTally;
}

/** The settings of a server. */
export interface ServerSettings extends ConnectionSettings, CallSettings {
  /** What all connections may decompress at a time. */
  readonly decompressing: MemoryBudget;
}

/** Checks the options and fills in the defaults. @throws TypeError if an option is invalid */
export function serverSettings(options: Http2ServerOptions): ServerSettings {
  const {
    trailerBudgetBytes = TRAILER_BUDGET_BYTES,
    maxConcurrentStreams = 1000,
    handshakeTimeout = 20_000,
    maxConnecting = Number.POSITIVE_INFINITY,
    maxConnectionIdle = Number.POSITIVE_INFINITY,
    maxConnectionAge = Number.POSITIVE_INFINITY,
    maxConnectionAgeGrace = Number.POSITIVE_INFINITY,
    maxHeaderBytes = MAX_HEADER_BYTES,
  } = options;
  const limits = messageLimits(options);
  return {
    ...limits,
    compression: checkCompression(options.compression) ?? "identity",
    trailerBudget: checkNumber.bytes("trailerBudgetBytes", trailerBudgetBytes),
    maxConcurrentStreams: checkNumber.streams("maxConcurrentStreams", maxConcurrentStreams),
    // With a longer timer, node:tls would throw at the first connection.
    handshakeTimeout: Math.min(checkNumber.positiveMilliseconds("handshakeTimeout", handshakeTimeout), MAX_TIMER_MS),
    maxConnecting: checkNumber.connections("maxConnecting", maxConnecting),
    keepalive: serverKeepalive(options.keepalive),
    maxConnectionIdle: checkNumber.positiveMilliseconds("maxConnectionIdle", maxConnectionIdle),
    maxConnectionAge: checkNumber.positiveMilliseconds("maxConnectionAge", maxConnectionAge),
    maxConnectionAgeGrace: checkNumber.milliseconds("maxConnectionAgeGrace", maxConnectionAgeGrace),
    maxHeaderBytes: checkNumber.bytes("maxHeaderBytes", maxHeaderBytes),
    past: { accepted: 0, abandoned: 0, refused: 0, lastRefusal: undefined },
    tally: new CallTally(),
    // At least four messages at a time, because libuv has four threads by default.
    decompressing: new MemoryBudget(Math.max(DECOMPRESSED_BYTES, 4 * limits.maxReceiveBytes)),
  };
}
