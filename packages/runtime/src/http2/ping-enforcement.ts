/** Which pings a server accepts from a client. */
export interface PingPolicy {
  /** The shortest time between two pings, in milliseconds. 0: all pings are accepted. */
  readonly minTime: number;
  /** Whether that time also applies without calls in flight. */
  readonly withoutCalls: boolean;
}

/** The shortest time between pings without calls in flight, in milliseconds, if `withoutCalls` is not set. */
const MIN_TIME_WITHOUT_CALLS_MS = 7_200_000;

/** The strike that ends a connection. */
const LAST_STRIKE = 3;

/**
 * Counts the pings of a client that come too early. Sending headers or data
 * forgives all of them, so that clients which measure the bandwidth with pings
 * are not affected.
 *
 * @see https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md#server-enforcement
 */
export class PingEnforcement {
  readonly #policy: PingPolicy;
  #strikes = 0;
  #lastPing = Number.NEGATIVE_INFINITY;

  constructor(policy: PingPolicy) {
    this.#policy = policy;
  }

  /**
   * Counts a ping.
   *
   * @param hasSent whether headers or data have been sent since the last ping
   * @returns whether the client sends too many
   */
  onPing(hasSent: boolean, openCalls: number): boolean {
    const { minTime, withoutCalls } = this.#policy;
    const now = performance.now();
    const shortest = openCalls > 0 || withoutCalls || minTime === 0 ? minTime : MIN_TIME_WITHOUT_CALLS_MS;
    const isEarly = now - this.#lastPing < shortest;
    this.#lastPing = now;
    if (hasSent) this.#strikes = 0;
    else if (isEarly) this.#strikes += 1;
    return this.#strikes >= LAST_STRIKE;
  }
}
