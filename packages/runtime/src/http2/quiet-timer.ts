import { MAX_TIMER_MS } from "../core/deadline.js";

/** The parts of a quiet time. It is noticed at its end, or up to one part later. */
const PARTS = 20;

/**
 * Calls back when something has been quiet for some time.
 *
 * A timer that is restarted by each event would be the obvious choice, but costs
 * time for each packet or call. This one looks twenty times in a quiet time
 * whether anything has happened.
 */
export class QuietTimer {
  readonly #isQuiet: () => boolean;
  readonly #onQuiet: () => void;
  readonly #isNeeded: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #quietParts = 0;

  /**
   * @param isQuiet whether nothing has happened since its last call
   * @param onQuiet called once for each `start()`
   * @param isNeeded whether to call back now. While it returns false, the quiet time goes on.
   */
  constructor(isQuiet: () => boolean, onQuiet: () => void, isNeeded: () => boolean = () => true) {
    this.#isQuiet = isQuiet;
    this.#onQuiet = onQuiet;
    this.#isNeeded = isNeeded;
  }

  /** Starts measuring, anew if it has been started before. With `Infinity` it never calls back. */
  start(milliseconds: number): void {
    this.stop();
    if (milliseconds === Number.POSITIVE_INFINITY) return;
    this.#quietParts = 0;
    this.#isQuiet();
    this.#wait(Math.min(milliseconds / PARTS, MAX_TIMER_MS));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(part: number): void {
    this.#timer = setTimeout(() => {
      this.#quietParts = this.#isQuiet() ? this.#quietParts + 1 : 0;
      if (this.#quietParts < PARTS || !this.#isNeeded()) this.#wait(part);
      else this.#onQuiet();
    }, part).unref();
  }
}
