import type { RetriedRequest } from "../transport/client.js";

/**
 * How often a call is sent again whose stream is refused, all its attempts together. A server that refuses the next one,
 * too, is overloaded.
 */
const MAX_REFUSALS = 1;

/**
 * How often a call is sent again whose connection is going away. While servers are replaced, a new connection may
 * reach another one that is about to leave.
 */
const MAX_DEPARTURES = 5;

/** Counts how often a call, or an attempt of a call that `retry()` repeats, is sent again. */
export class TransparentRetries {
  readonly #refusals: RetriedRequest["refusals"];
  #count = 0;

  constructor(retried: RetriedRequest | undefined) {
    this.#refusals = retried?.refusals ?? { count: 0 };
  }

  /**
   * Counts a retry, if one is left.
   *
   * @param departed whether the connection is going away. If not, the stream is refused.
   * @returns whether the call may be sent again
   */
  take(departed: boolean): boolean {
    const isLeft = departed ? this.#count < MAX_DEPARTURES : Math.max(this.#count, this.#refusals.count) < MAX_REFUSALS;
    if (!isLeft) return false;
    this.#count += 1;
    if (!departed) this.#refusals.count += 1;
    return true;
  }
}
