import { Deadline, MAX_TIMER_MS } from "../core/deadline.js";
import { keepAlive } from "./event-loop.js";

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
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, callback: () => void) {
    this.#milliseconds = milliseconds;
    this.#callback = callback;
  }

  start(): void {
    this.#wait(Deadline.after(this.#milliseconds));
  }

  #wait(deadline: Deadline): void {
    const keepsAlive = this.#timer?.hasRef() ?? true;
    const delay = Math.min(Math.ceil(Math.max(deadline.remaining(), 0)), MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      const late = -deadline.remaining();
      if (late < 0) this.#wait(deadline);
      else if (late < BLOCKED_MS) this.#callback();
      else this.#wait(Deadline.after(late));
    }, delay);
    keepAlive(this.#timer, keepsAlive);
  }

  /** Lets the timer keep the process alive, as it does at first. */
  ref(): void {
    this.#timer?.ref();
  }

  /** Lets the process exit before the timer fires. */
  unref(): void {
    this.#timer?.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
