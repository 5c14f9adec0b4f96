/** Fewer bytes than this do not show that the peer has enlarged the window. */
const STEP_BYTES = 4096;

/** What is known of the flow control of a connection. */
export interface FlowState {
  /** The bytes of data that the peer has sent since this side last enlarged its window. */
  readonly received: number | undefined;
  /** The bytes of data that the peer takes. */
  readonly window: number;
  /** All bytes that this side has sent. */
  readonly sent: number;
}

/**
 * Tells from the flow control of a connection whether the peer responds: it has
 * sent data, or has taken what was sent to it. This side makes the window smaller
 * with each byte of data. Only the peer makes it larger, or lets this side send more
 * without it becoming smaller.
 */
export class PeerProgress {
  #last: FlowState = { received: 0, window: 0, sent: 0 };
  /** What was sent at the last sign of the peer. */
  #sent = 0;
  /** The signs so far. */
  #signs = 0;

  /** @returns another number than before if there has been a sign since the last call */
  look(state: FlowState): number {
    const { received, window } = this.#last;
    const goesOn = state.window === window && state.sent >= this.#sent + STEP_BYTES;
    if (state.received !== received || state.window > window || goesOn) {
      this.#signs += 1;
      this.#sent = state.sent;
    }
    if (state.window < window) this.#sent = state.sent;
    this.#last = state;
    return this.#signs;
  }
}
