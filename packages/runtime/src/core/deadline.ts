import { textOf } from "./text-of.js";

/** Longest delay that `setTimeout` takes; it fires at once for a longer one. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** The moment by which a call has to be over, on the monotonic clock. */
export class Deadline {
  readonly #at: number;

  private constructor(at: number) {
    this.#at = at;
  }

  /** The deadline that is `milliseconds` away from now. @throws TypeError if that is no number */
  static after(milliseconds: number): Deadline {
    if (typeof milliseconds !== "number" || Number.isNaN(milliseconds)) {
      throw new TypeError(
        `A timeout or deadline needs a number of milliseconds or a valid date, got ${textOf(milliseconds)}`,
      );
    }
    return new Deadline(performance.now() + milliseconds);
  }

  /** The deadline at a time of day. Later changes of the system's clock do not move it. @throws TypeError for an invalid date */
  static at(date: Date): Deadline {
    return Deadline.after(date.getTime() - Date.now());
  }

  /** The earliest of some deadlines; `undefined` where there is none. */
  static earliest(...deadlines: readonly (Deadline | undefined)[]): Deadline | undefined {
    let earliest: Deadline | undefined;
    for (const deadline of deadlines) {
      if (deadline !== undefined && (earliest === undefined || deadline.remaining() < earliest.remaining()))
        earliest = deadline;
    }
    return earliest;
  }

  /** Milliseconds that are left; zero or less once it has passed. */
  remaining(): number {
    return this.#at - performance.now();
  }

  /** Whether it has passed. */
  get expired(): boolean {
    return this.remaining() <= 0;
  }

  /** The time of day of the deadline. */
  toDate(): Date {
    return new Date(Date.now() + this.remaining());
  }

  toJSON(): string {
    return this.toDate().toJSON();
  }

  /**
   * Calls back once, when the deadline has passed.
   *
   * @returns a function that calls it off; the timer is gone then
   */
  onExpired(callback: () => void): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      const delay = Math.min(Math.ceil(Math.max(this.remaining(), 0)), MAX_TIMER_MS);
      timer = setTimeout(check, delay);
    };
    // Timers of Node fire up to a millisecond early.
    const check = () => (this.remaining() > 0 ? wait() : callback());
    wait();
    return () => clearTimeout(timer);
  }
}
