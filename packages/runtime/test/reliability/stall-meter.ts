const INTERVAL_MS = 5;

/**
 * Measures how long the event loop of this process is blocked, in milliseconds:
 * the time that a timer is late, or the processor time that the process has used
 * meanwhile if that is less. On a busy machine, a process is also late because
 * others run.
 */
export class StallMeter {
  #longest = 0;
  #last = performance.now();
  #used = process.cpuUsage();

  constructor() {
    setInterval(() => this.#measure(), INTERVAL_MS).unref();
  }

  /** The longest time since the last reset. */
  get longest(): number {
    this.#measure();
    return Math.round(this.#longest);
  }

  reset(): void {
    this.#measure();
    this.#longest = 0;
  }

  #measure(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#used);
    this.#longest = Math.max(this.#longest, Math.min(now - this.#last - INTERVAL_MS, (user + system) / 1000));
    this.#last = now;
    this.#used = process.cpuUsage();
  }
}
