import { Deadline } from "../core/deadline.js";

/** A timer that fires this late shows that the event loop was blocked, in milliseconds. */
const BLOCKED_MS = 100;

/**
 * A timer for what a peer has to do in time. While the event loop is blocked, the
 * peer's answers cannot be read, so the time for which it was blocked at the end
 * is given to the peer again.
 */
export class PatientTimer {
  readonly #milliseconds: number;
  readonly #callback: () => void;
  #stop: () => void = () => {};

  constructor(milliseconds: number, callback: () => void) {
    this.#milliseconds = milliseconds;
    this.#callback = callback;
  }

  start(milliseconds: number = this.#milliseconds): void {
    const deadline = Deadline.after(milliseconds);
    this.#stop = deadline.onExpired(() => {
      const late = -deadline.remaining();
      if (late < BLOCKED_MS) this.#callback();
      else this.start(late);
    });
  }

  stop(): void {
    this.#stop();
  }
}
