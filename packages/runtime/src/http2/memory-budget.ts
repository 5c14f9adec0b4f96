/** As it was at first: the fake timers of a test must not stop the servers of its process. */
const inNextTurn = setImmediate;

/** Bytes that are shared by many. Those who ask for more than there are wait, in the order in which they came. */
export class MemoryBudget {
  readonly #bytes: number;
  #left: number;
  readonly #waiting = new Set<Share>();
  #granting = false;

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#left = bytes;
  }

  /**
   * Asks for a share. One that is larger than the budget gets it all.
   *
   * @param onGranted runs once, from within or in a later turn, unless the share is given back before
   */
  take(bytes: number, onGranted: (share: Share) => void): Share {
    const share = new Share(this, Math.min(bytes, this.#bytes), onGranted);
    if (this.#waiting.size > 0 || share.bytes > this.#left) this.#waiting.add(share);
    else this.#grant(share);
    return share;
  }

  /** For shares. @returns whether it was still waiting */
  giveBack(share: Share, bytes: number): boolean {
    const waited = this.#waiting.delete(share);
    if (!waited) this.#left += bytes;
    this.#grantLater();
    return waited;
  }

  /** One in a turn, and not from within who gave something back: it may take its time. */
  #grantLater(): void {
    if (this.#granting || this.#waiting.size === 0) return;
    this.#granting = true;
    inNextTurn(() => {
      this.#granting = false;
      const [next] = this.#waiting;
      if (next === undefined || next.bytes > this.#left) return;
      this.#waiting.delete(next);
      this.#grantLater();
      this.#grant(next);
    });
  }

  #grant(share: Share): void {
    this.#left -= share.bytes;
    share.onGranted(share);
  }
}

/** A part of a budget. Give it back once. */
export class Share {
  readonly #budget: MemoryBudget;
  bytes: number;
  readonly onGranted: (share: Share) => void;

  constructor(budget: MemoryBudget, bytes: number, onGranted: (share: Share) => void) {
    this.#budget = budget;
    this.bytes = bytes;
    this.onGranted = onGranted;
  }

  /** Keeps fewer bytes, once it was granted. */
  shrink(bytes: number): void {
    this.#budget.giveBack(this, this.bytes - bytes);
    this.bytes = bytes;
  }

  /** @returns whether it was still waiting */
  giveBack(): boolean {
    return this.#budget.giveBack(this, this.bytes);
  }
}

/** What the messages of one connection may take that are read, and not done with. */
export interface ConnectionMemory {
  /** For compressed ones, from the moment when they are decompressed. */
  readonly decompressed: MemoryBudget;
  /** For all, from the moment when they are decoded. */
  readonly decoded: MemoryBudget;
}
