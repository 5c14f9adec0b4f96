/** A part of a budget: it waits until there is enough for it, and has its bytes from then on. */
export interface Share {
  bytes: number;
  /** Runs once, from within `take()` or later, unless the share is given back before. */
  onGranted(): void;
}

/** Bytes that some may have for a while. Where there are not enough, the others wait, in the order in which they came. */
export class MemoryBudget {
  readonly #bytes: number;
  #left: number;
  readonly #waiting = new Set<Share>();

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#left = bytes;
  }

  /** Asks for a share. One that is larger than the budget gets it all. */
  take(share: Share): void {
    share.bytes = Math.min(share.bytes, this.#bytes);
    this.#waiting.add(share);
    this.#grant();
  }

  /** Leaves fewer bytes to a share that was granted. */
  shrink(share: Share, bytes: number): void {
    this.#left += share.bytes - bytes;
    share.bytes = bytes;
    this.#grant();
  }

  /** Takes a share back. @returns whether it was still waiting; it is no longer */
  giveBack(share: Share): boolean {
    const waited = this.#waiting.delete(share);
    if (!waited) this.#left += share.bytes;
    this.#grant();
    return waited;
  }

  #grant(): void {
    for (const share of this.#waiting) {
      if (share.bytes > this.#left) return;
      this.#waiting.delete(share);
      this.#left -= share.bytes;
      share.onGranted();
    }
  }
}

/** What the messages of one connection may take that are read, and not done with. */
export interface ConnectionMemory {
  /** For compressed ones, from the moment when they are decompressed. */
  readonly decompressed: MemoryBudget;
  /** For all, from the moment when they are decoded. */
  readonly decoded: MemoryBudget;
}
