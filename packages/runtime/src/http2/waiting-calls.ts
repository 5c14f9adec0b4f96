import type { QueuedCall } from "./call-queue.js";

/**
 * The calls that wait for a connection or for capacity on it, in the order in
 * which they are opened: first those that need no stream, then those that are
 * opened again, then new ones, each in the order of their arrival.
 */
export class WaitingCalls implements Iterable<QueuedCall> {
  readonly #ranks = [new Set<QueuedCall>(), new Set<QueuedCall>(), new Set<QueuedCall>()] as const;
  readonly #onAnyChanged: () => void;
  #size = 0;

  /** @param onAnyChanged called when the first call starts to wait, and when no call waits any more */
  constructor(onAnyChanged: () => void) {
    this.#onAnyChanged = onAnyChanged;
  }

  get size(): number {
    return this.#size;
  }

  /** Does nothing if the call is waiting already. @param again whether it has been opened before */
  add(call: QueuedCall, again: boolean): void {
    const calls = this.#ranks[rankOf(call, again)];
    if (calls.has(call)) return;
    calls.add(call);
    this.#size += 1;
    if (this.#size === 1) this.#onAnyChanged();
  }

  /** Does nothing if the call is not waiting. */
  delete(call: QueuedCall): void {
    if (!this.#ranks.some((calls) => calls.delete(call))) return;
    this.#size -= 1;
    if (this.#size === 0) this.#onAnyChanged();
  }

  *[Symbol.iterator](): Generator<QueuedCall> {
    for (const calls of this.#ranks) yield* calls;
  }
}

function rankOf({ needsStream }: QueuedCall, again: boolean): 0 | 1 | 2 {
  if (needsStream === false) return 0;
  return again ? 1 : 2;
}
