/** The option `throttling` of a retry policy. */
export interface RetryThrottling {
  /** The most tokens that the bucket holds, and how many it starts with. Greater than 0, at most 1000. */
  readonly maxTokens: number;
  /** The tokens that a successful attempt adds. Greater than 0. */
  readonly tokenRatio: number;
}

/**
 * Stops retries to a server that fails most calls, which would only add to its
 * load. A failure takes a token out of the bucket, a success adds a part of one,
 * and calls are retried only while the bucket is more than half full.
 *
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs
 */
export class RetryThrottle {
  readonly #settings: RetryThrottling;
  #tokens: number;

  constructor(settings: RetryThrottling) {
    this.#settings = settings;
    this.#tokens = settings.maxTokens;
  }

  /** Whether calls may be retried now. */
  get open(): boolean {
    return this.#tokens > this.#settings.maxTokens / 2;
  }

  onSuccess(): void {
    const { maxTokens, tokenRatio } = this.#settings;
    this.#tokens = Math.min(this.#tokens + tokenRatio, maxTokens);
  }

  onFailure(): void {
    this.#tokens = Math.max(this.#tokens - 1, 0);
  }
}
