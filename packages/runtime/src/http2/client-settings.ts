import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import type { BackoffTimes } from "../core/backoff.js";
import * as checkNumber from "../core/check-number.js";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import { textOf } from "../core/text-of.js";
import { type Target, withAuthority } from "../wire/address.js";
import { checkBoolean } from "./check-boolean.js";
import type { ConnectorSettings } from "./connector.js";
import { type MessageLimitOptions, messageLimitNames } from "./message-limits.js";

/** The HTTP/2 options of a channel. */
export interface Http2ClientOptions extends MessageLimitOptions {
  /**
   * The time to establish a connection, including the TLS handshake and the
   * HTTP/2 settings, in milliseconds. It covers all addresses of the host.
   * Default: 20 000.
   */
  readonly connectTimeout?: number | undefined;
  /** The times between attempts to connect, if they fail. */
  readonly backoff?: BackoffOptions | undefined;
  /** How the channel finds out that a server does not respond any more. Default: it does not. */
  readonly keepalive?: ClientKeepaliveOptions | undefined;
  /**
   * The time without calls after which the connection is closed, in milliseconds.
   * The next call connects again. Default: 1 800 000 (30 minutes).
   */
  readonly idleTimeout?: number | undefined;
  /**
   * The connections that may be open at a time. Another one is opened when a call
   * would have to wait because the server's maximum of concurrent streams is
   * reached. Default: 1.
   *
   * @see https://github.com/grpc/proposal/blob/master/A105-max-concurrent-streams-connection-scaling.md
   */
  readonly maxConnections?: number | undefined;
  /**
   * The name of the server in its requests (`:authority`), and in its certificate
   * unless `tls.servername` is set, as `host` or `host:port`. Default: that of the
   * address; `localhost` for a unix socket.
   */
  readonly authority?: string | undefined;
  /**
   * The HTTP proxy through which to reach the server (CONNECT), as
   * `http://host:port` or `http://user:password@host:port`. The proxy resolves the
   * name of the server. With `"environment"`, it is what the first of the variables
   * `grpc_proxy`, `https_proxy` and `http_proxy` says, unless the server is in the
   * list of `no_grpc_proxy` or `no_proxy`. Ignored for a unix socket. Default: no
   * proxy, whatever the environment says.
   */
  readonly proxy?: string | URL | undefined;
  /**
   * Makes the connections to the server, in place of node:net: the counterpart of
   * `server.accept()`. With an `https://` address, TLS runs on them. The address then
   * only names the server in requests, certificates and errors. A connection is made
   * when the channel needs one, so also after it has lost another. If the function
   * throws, the attempt to connect has failed. Default: connects to the address.
   */
  readonly createConnection?: (() => Duplex | Promise<Duplex>) | undefined;
  /** The options of node:tls for an `https://` address, or for TLS over a unix socket. */
  readonly tls?: ConnectionOptions | undefined;
}

/** The option `backoff` of a channel: after the nth failure in a row it waits `initial · multiplier^(n−1)`. */
export interface BackoffOptions {
  /** The time after the first failure, in milliseconds. Default: 1000. */
  readonly initial?: number | undefined;
  /** How many times as long to wait after each further failure, 1 or more. Default: 1.6. */
  readonly multiplier?: number | undefined;
  /** The part by which each time is longer or shorter at random, from 0 to 1. Default: 0.2. */
  readonly jitter?: number | undefined;
  /** The longest time, in milliseconds. Default: 120 000. */
  readonly max?: number | undefined;
}

/**
 * The option `keepalive` of a channel.
 *
 * @see https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md
 */
export interface ClientKeepaliveOptions {
  /**
   * The silence of the server after which it is pinged, in milliseconds. At least
   * 10 000; servers may close connections that ping more often than they allow,
   * by default every 5 minutes. Default: `Infinity`, no pings.
   */
  readonly time?: number | undefined;
  /** The time to answer a ping, in milliseconds. Then the connection is lost. Default: 20 000. */
  readonly timeout?: number | undefined;
  /** Whether to ping while there are no calls. Default: false. */
  readonly withoutCalls?: boolean | undefined;
}

export const http2ClientOptionNames: OptionNames<Http2ClientOptions> = {
  ...messageLimitNames,
  connectTimeout: true,
  backoff: true,
  keepalive: true,
  idleTimeout: true,
  maxConnections: true,
  authority: true,
  proxy: true,
  createConnection: true,
  tls: true,
};

const backoffNames: OptionNames<BackoffOptions> = { initial: true, multiplier: true, jitter: true, max: true };
const keepaliveNames: OptionNames<ClientKeepaliveOptions> = { time: true, timeout: true, withoutCalls: true };

/** The least time between keepalive pings, in milliseconds. */
const MIN_KEEPALIVE_MS = 10_000;

/** Checks the options and fills in the defaults. @throws TypeError if an option is invalid */
export function connectorSettings(target: Target, options: Http2ClientOptions): ConnectorSettings {
  const { connectTimeout = 20_000, idleTimeout = 30 * 60_000, maxConnections = 1, keepalive = {}, authority } = options;
  checkOptions("keepalive", keepalive, keepaliveNames);
  checkCreateConnection(options);
  const { time = Number.POSITIVE_INFINITY, timeout = 20_000, withoutCalls = false } = keepalive;
  return {
    target: authority === undefined ? target : withAuthority(target, authority),
    tls: options.tls,
    connectTimeout: checkNumber.positiveMilliseconds("connectTimeout", connectTimeout),
    backoff: backoffTimes(options.backoff ?? {}),
    keepalive: {
      time: Math.max(checkNumber.positiveMilliseconds("keepalive.time", time), MIN_KEEPALIVE_MS),
      timeout: checkNumber.positiveMilliseconds("keepalive.timeout", timeout),
      withoutCalls: checkBoolean("keepalive.withoutCalls", withoutCalls),
    },
    idleTimeout: checkNumber.positiveMilliseconds("idleTimeout", idleTimeout),
    maxConnections: checkNumber.connections("maxConnections", maxConnections),
    userAgent: "grpclib-ts",
  };
}

function checkCreateConnection({ createConnection, proxy }: Http2ClientOptions): void {
  if (createConnection === undefined) return;
  if (typeof createConnection !== "function") {
    throw new TypeError(`createConnection takes a function, got ${textOf(createConnection)}`);
  }
  if (proxy !== undefined) throw new TypeError("A channel takes createConnection or proxy, not both");
}

function backoffTimes(options: BackoffOptions): BackoffTimes {
  checkOptions("backoff", options, backoffNames);
  const { initial = 1000, multiplier = 1.6, jitter = 0.2, max = 120_000 } = options;
  return {
    initial: checkNumber.milliseconds("backoff.initial", initial),
    multiplier: checkNumber.factor("backoff.multiplier", multiplier),
    jitter: checkNumber.fraction("backoff.jitter", jitter),
    max: checkNumber.milliseconds("backoff.max", max),
  };
}
