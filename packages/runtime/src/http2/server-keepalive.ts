import * as checkNumber from "../core/check-number.js";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import { checkBoolean } from "./check-boolean.js";
import type { KeepaliveTimes } from "./keepalive.js";
import type { PingPolicy } from "./ping-enforcement.js";

/** Pings between a server and its clients. */
export interface ServerKeepaliveOptions {
  /**
   * The silence of a client after which it is pinged, in milliseconds. The ping may
   * come up to a quarter later. `Infinity`: never. Default: 7 200 000 (2 h).
   */
  readonly time?: number | undefined;
  /** The time to answer a ping, in milliseconds. A client that stays silent loses its connection. Default: 20 000. */
  readonly timeout?: number | undefined;
  /** Which pings of clients are accepted. */
  readonly enforce?: PingEnforcementOptions | undefined;
}

/**
 * Which pings of clients a server accepts. One that comes too early is a strike.
 * Whenever the server sends headers or data, the strikes are forgiven. With the
 * third one the connection ends: the client gets a GOAWAY with ENHANCE_YOUR_CALM
 * and `too_many_pings`.
 */
export interface PingEnforcementOptions {
  /** The shortest time between two pings, in milliseconds. With 0, all pings are accepted. Default: 300 000 (5 min). */
  readonly minTime?: number | undefined;
  /** Whether `minTime` also applies without calls in flight. If not, it is 2 h then. Default: false. */
  readonly withoutCalls?: boolean | undefined;
}

const keepaliveNames: OptionNames<ServerKeepaliveOptions> = { time: true, timeout: true, enforce: true };
const enforceNames: OptionNames<PingEnforcementOptions> = { minTime: true, withoutCalls: true };

/** How a server uses pings. */
export interface ServerKeepalive extends KeepaliveTimes {
  readonly enforce: PingPolicy;
}

/** Checks the options and fills in the defaults. @throws TypeError if an option is invalid */
export function serverKeepalive(options: ServerKeepaliveOptions = {}): ServerKeepalive {
  checkOptions("keepalive", options, keepaliveNames);
  const { time = 7_200_000, timeout = 20_000, enforce = {} } = options;
  checkOptions("keepalive.enforce", enforce, enforceNames);
  const { minTime = 300_000, withoutCalls = false } = enforce;
  return {
    time: checkNumber.positiveMilliseconds("keepalive.time", time),
    timeout: checkNumber.positiveMilliseconds("keepalive.timeout", timeout),
    enforce: {
      minTime: checkNumber.milliseconds("keepalive.enforce.minTime", minTime),
      withoutCalls: checkBoolean("keepalive.enforce.withoutCalls", withoutCalls),
    },
  };
}
