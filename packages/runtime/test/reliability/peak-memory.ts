/** How often the memory of the process is read, in milliseconds. */
const INTERVAL_MS = 20;
const MB = 1024 * 1024;

/** Follows the resident memory of this process, in MB. */
export class PeakMemory {
  #start = 0;
  #peak = 0;

  constructor() {
    this.reset();
    setInterval(() => this.#read(), INTERVAL_MS).unref();
  }

  /** The most since the last reset. */
  get peak(): number {
    this.#read();
    return Math.round(this.#peak / MB);
  }

  /** How much more that is than at the last reset. */
  get growth(): number {
    return this.peak - Math.round(this.#start / MB);
  }

  reset(): void {
    this.#start = process.memoryUsage.rss();
    this.#peak = this.#start;
  }

  #read(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
  }
}
