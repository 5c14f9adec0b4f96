const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** How many resets a client may send on a connection. */
export interface ResetLimits {
  /** In a burst. */
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * The limits at which nghttp2 cuts a connection. The defaults of nghttp2 are too
 * low for clients that cancel many calls, but Node before 22.10 cannot change them.
 */
export const RESET_LIMITS: ResetLimits =
  major > 22 || (major === 22 && minor >= 10) ? { burst: 10_000, perSecond: 1000 } : { burst: 1000, perSecond: 33 };

/**
 * The resets of a client, counted as nghttp2 does to stop rapid-reset attacks
 * (CVE-2023-44487): each takes a token from a bucket that is refilled at a fixed rate.
 */
export class ResetBudget {
  readonly #limits: ResetLimits;
  #left: number;
  /** The time of the last reset, in milliseconds. */
  #updated = performance.now();

  constructor(limits: ResetLimits) {
    this.#limits = limits;
    this.#left = limits.burst;
  }

  /** Counts a reset. @returns the part of the burst that is left, from 0 to 1 */
  spend(): number {
    const { burst, perSecond } = this.#limits;
    const now = performance.now();
    const refilled = this.#left + ((now - this.#updated) * perSecond) / 1000;
    this.#updated = now;
    this.#left = Math.max(Math.min(refilled, burst) - 1, 0);
    return this.#left / burst;
  }
}
