/** A call that is opened within this time has not waited. In milliseconds. */
const NO_DELAY_MS = 10;

/** The time that a call may take. It may wait before it is opened, and may be sent twice. */
export class TimeLimit {
  readonly #timeout: number;
  readonly #start: number = performance.now();

  /** @param timeout the time from now on, in milliseconds */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Whether the time is up. */
  get expired(): boolean {
    return performance.now() - this.#start >= this.#timeout;
  }

  /**
   * The timeout to send now, in milliseconds. For a call that has not waited, it is
   * the given one: other values would fill the table of header compression.
   */
  get timeout(): number {
    const elapsed = performance.now() - this.#start;
    return elapsed < NO_DELAY_MS ? this.#timeout : Math.max(this.#timeout - elapsed, 0);
  }
}
