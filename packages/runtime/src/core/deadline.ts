import { addBrand, hasBrand, isInstance } from "./brand.js";
import { setInspect } from "./inspect.js";
import { textOf } from "./text-of.js";

/** The longest delay that `setTimeout` supports, in milliseconds. With a longer one the timer fires at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/**
 * The moment by which a call must be over, measured on the monotonic clock.
 * Deadlines can be compared: `a < b` if `a` is earlier.
 */
export class Deadline {
  readonly #at: number;

  private constructor(at: number) {
    this.#at = at;
  }

  /** The deadline `milliseconds` from now. @throws TypeError if `milliseconds` is not a number */
  static after(milliseconds: number): Deadline {
    if (typeof milliseconds !== "number" || Number.isNaN(milliseconds)) {
      throw new TypeError(
        `A timeout or deadline needs a number of milliseconds or a valid date, got ${textOf(milliseconds)}`,
      );
    }
    return new Deadline(performance.now() + milliseconds);
  }

  /** The deadline at a date. Later changes of the system clock do not move it. @throws TypeError for an invalid date */
  static at(date: Date): Deadline {
    return Deadline.after(date.getTime() - Date.now());
  }

  /** The earliest of the given deadlines; `undefined` if there are none. */
  static earliest(...deadlines: readonly (Deadline | undefined)[]): Deadline | undefined {
    let earliest: Deadline | undefined;
    for (const deadline of deadlines) {
      // Stryker disable next-line EqualityOperator: either of two equal deadlines is the earliest
      if (deadline !== undefined && (earliest === undefined || deadline.remaining() < earliest.remaining()))
        earliest = deadline;
    }
    return earliest;
  }

  /** Milliseconds until the deadline; zero or negative once it has passed. */
  remaining(): number {
    return this.#at - performance.now();
  }

  /** Whether the deadline has passed. */
  get expired(): boolean {
    return this.remaining() <= 0;
  }

  /** The date of the deadline, by the system clock. */
  toDate(): Date {
    return new Date(Date.now() + this.remaining());
  }

  /** The date of the deadline in ISO format; `null` if it is too far away for a date. */
  toJSON(): string {
    return this.toDate().toJSON();
  }

  /** Milliseconds since the epoch, as the system clock had it when the process started. For comparing deadlines. */
  valueOf(): number {
    return performance.timeOrigin + this.#at;
  }

  /**
   * Calls `callback` once when the deadline has passed, always asynchronously.
   *
   * @returns a function that cancels the callback and clears the timer
   */
  onExpired(callback: () => void): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      const delay = Math.min(Math.ceil(Math.max(this.remaining(), 0)), MAX_TIMER_MS);
      timer = setTimeout(check, delay);
    };
    // Node timers fire up to a millisecond early.
    const check = () => (this.remaining() > 0 ? wait() : callback());
    wait();
    return () => clearTimeout(timer);
  }

  /** @internal */
  static [Symbol.hasInstance](value: unknown): boolean {
    return this === Deadline ? hasBrand(value, brand) : isInstance(value, this);
  }
}

// A deadline that is too far away for a date is shown by the time that is left.
setInspect(Deadline, (deadline) => `Deadline ${deadline.toJSON() ?? deadline.remaining()}`);
const brand = addBrand(Deadline, "Deadline");
