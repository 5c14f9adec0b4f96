/**
 * Frames other than DATA do not use the window. If it stays the same while at least this many bytes are sent, they
 * include DATA, so that the peer has enlarged the window meanwhile.
 */
const STEP_BYTES = 4096;

/** What is known of the flow control of a connection. */
export interface FlowState {
  /** The bytes of data that were received since this side last enlarged its own window. */
  readonly received: number | undefined;
  /** The bytes of data that the peer accepts at the moment. */
  readonly window: number;
  /** All bytes that this side has sent, in frames of any kind. */
  readonly sent: number;
}

/**
 * Tells from the flow control of a connection whether the peer responds: it has
 * sent data, or has enlarged the window for data that it has received. The data that
 * this side sends makes that window smaller. If it stays the same while much is sent,
 * the peer has enlarged it, too.
 */
export class PeerProgress {
  #last: FlowState = { received: 0, window: 0, sent: 0 };
  /** `sent` at the last sign of the peer, or when the window last became smaller. */
  #sent = 0;
  /** The signs so far. */
  #signs = 0;

  /** @returns another number than before if there has been a sign since the last call */
  look(state: FlowState): number {
    const { received, window } = this.#last;
    const enlarged = state.window === window && state.sent >= this.#sent + STEP_BYTES;
    if (state.received !== received || state.window > window || enlarged) {
      this.#signs += 1;
      this.#sent = state.sent;
    }
    if (state.window < window) this.#sent = state.sent;
    this.#last = state;
    return this.#signs;
  }
}
