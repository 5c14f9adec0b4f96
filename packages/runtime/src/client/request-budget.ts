/** The memory that the requests of several calls share while they are kept for further attempts. */
export class RequestBudget {
  #free: number;

  /** @param bytes the size that the requests may have together */
  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** @returns whether there is room for another request. It is reserved then. */
  take(bytes: number): boolean {
    if (bytes > this.#free) return false;
    this.#free -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#free += bytes;
  }
}
