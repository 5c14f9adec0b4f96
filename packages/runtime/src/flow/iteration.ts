import { textOf } from "../core/text-of.js";

/** Takes the items of an {@link Iteration}. */
export interface ItemSink {
  /** Whether it takes more items. */
  readonly active: boolean;
  /** @returns a promise where the next item has to wait */
  take(item: unknown): Promise<void> | undefined;
  /** There are no more. @param last what the iterator returned, or an item that came too late */
  done(last: unknown): void;
  /** There are no more, because of an error: of the iterator, or of the sink itself. Must not throw. */
  failed(error: unknown): void;
}

/** An iteration that can also be ended from outside, while it waits for its next item too. */
export class Iteration {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #over = false;
  /** Whether the iterator is in its `next()`. */
  #running = false;

  constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#iterator = iterator;
  }

  /** Passes the items on, as long as the sink is active. Whatever goes wrong is for the sink: this does not reject. */
  async run(sink: ItemSink): Promise<void> {
    try {
      while (sink.active) {
        let done: boolean | undefined;
        let value: unknown;
        try {
          ({ done, value } = checkResult(await this.#next()));
        } catch (error) {
          // As in a `for await`: an iterator that fails is not asked to clean up.
          this.#over = true;
          throw error;
        }
        if (done) this.#over = true;
        if (done || !sink.active) return sink.done(await value);
        const waiting = sink.take(value);
        if (waiting !== undefined) await waiting;
      }
      sink.done(undefined);
    } catch (error) {
      sink.failed(error);
    }
  }

  #next(): unknown {
    this.#running = true;
    try {
      return this.#iterator.next();
    } finally {
      this.#running = false;
    }
  }

  /** Ends the iteration through `return()`, unless it is over. Rejects with what its clean-up throws. */
  async leave(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    // A generator that ends its own call runs at this moment, and cannot be ended before it gets to its yield.
    if (this.#running) await Promise.resolve();
    await this.#iterator.return?.();
  }
}

/** Checks what untyped code returned. @throws TypeError if that is not an object */
function checkResult(result: unknown): IteratorResult<unknown, unknown> {
  if (Object(result) === result) return result as IteratorResult<unknown, unknown>;
  throw new TypeError(`next() of an iterator returned ${textOf(result)}: it must return { done, value }`);
}
