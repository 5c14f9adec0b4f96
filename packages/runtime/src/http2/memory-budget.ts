import { nextTurn } from "./event-loop.js";

/** How long a budget grants shares in one turn, in milliseconds: `onGranted` may take long, for example to decode. */
const GRANTING_MS = 1;

/**
 * A number of bytes that many users share. A request for more than is available
 * waits; requests are granted in the order in which they were made.
 */
export class MemoryBudget {
  readonly #bytes: number;
  #available: number;
  readonly #waiting = new Set<Share>();
  #granting = false;

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#available = bytes;
  }

  /**
   * Requests a share. A request for more than the whole budget gets the whole
   * budget.
   *
   * @param onGranted runs once, during this call or in a later turn, unless the share is given back first
   */
  acquire(bytes: number, onGranted: (share: Share) => void): Share {
    const share = new Share(this, Math.min(bytes, this.#bytes), onGranted);
    if (this.#waiting.size > 0 || share.bytes > this.#available) this.#waiting.add(share);
    else this.#grant(share);
    return share;
  }

  /** Called by shares only. @returns whether the share was still waiting */
  release(share: Share, bytes: number): boolean {
    const waited = this.#waiting.delete(share);
    if (!waited) this.#available += bytes;
    this.#grantLater();
    return waited;
  }

  /** Grants shares in a later turn, never from within `release()`. */
  #grantLater(): void {
    if (this.#granting || this.#waiting.size === 0) return;
    this.#granting = true;
    nextTurn(() => {
      this.#granting = false;
      const end = performance.now() + GRANTING_MS;
      for (const next of this.#waiting) {
        if (next.bytes > this.#available) return;
        if (performance.now() >= end) return this.#grantLater();
        this.#waiting.delete(next);
        this.#grant(next);
      }
    });
  }

  #grant(share: Share): void {
    this.#available -= share.bytes;
    share.onGranted(share);
  }
}

/** Messages up to this size are decoded without a share. */
export const MAX_FREE_BYTES: number = 16 * 1024;

/** A shared placeholder until a list is needed. Never push to it. */
export const noShares: Share[] = [];

/** A part of a budget. Give it back exactly once. */
export class Share {
  readonly #budget: MemoryBudget;
  bytes: number;
  readonly onGranted: (share: Share) => void;

  constructor(budget: MemoryBudget, bytes: number, onGranted: (share: Share) => void) {
    this.#budget = budget;
    this.bytes = bytes;
    this.onGranted = onGranted;
  }

  /** Keeps only this many bytes of a granted share. */
  shrink(bytes: number): void {
    this.#budget.release(this, this.bytes - bytes);
    this.bytes = bytes;
  }

  /** @returns whether the share was still waiting */
  release(): boolean {
    return this.#budget.release(this, this.bytes);
  }
}

/** The memory that received messages may use until they are no longer needed. */
export interface MessageMemory {
  /** For compressed messages of a connection, from decompression on. */
  readonly decompressed: MemoryBudget;
  /**
   * For compressed messages while another thread works on them. All connections
   * of a server share it, because that work continues when a connection ends.
   */
  readonly decompressing: MemoryBudget;
  /** For all messages of a connection, from decoding on. */
  readonly decoded: MemoryBudget;
}
