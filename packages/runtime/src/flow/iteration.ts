import { bindContext } from "../core/bind-context.js";
import { textOf } from "../core/text-of.js";

/** Receives the items of an {@link Iteration}. */
export interface ItemSink {
  /** Whether the sink accepts more items. */
  readonly active: boolean;
  /** Receives an item. @returns a promise if the next item has to wait for it */
  take(item: unknown): Promise<void> | undefined;
  /**
   * There are no more items.
   *
   * @param last what the iterator returned, or an item that arrived after the sink became inactive
   */
  done(last: unknown): void;
  /** There are no more items, because the iterator or the sink threw an error. Must not throw. */
  failed(error: unknown): void;
}

/**
 * An iteration that can be ended from outside at any time, even while it waits for
 * the next item. The iterator runs in the async context in which the iteration was
 * created.
 */
export class Iteration {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #return: (value: undefined) => Promise<unknown>;
  #over = false;

  constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#iterator = iterator;
    this.#return = bindContext(() => iterator.return?.());
  }

  /** Passes items to the sink as long as it is active. Never rejects: errors go to `sink.failed()`. */
  async run(sink: ItemSink): Promise<void> {
    try {
      while (sink.active) {
        let done: boolean | undefined;
        let value: unknown;
        try {
          ({ done, value } = checkResult(await this.#iterator.next()));
        } catch (error) {
          // As in `for await`: `return()` is not called on an iterator that has failed.
          this.#over = true;
          throw error;
        }
        if (done) this.#over = true;
        if (done || !sink.active) return sink.done(await value);
        const waiting = sink.take(value);
        // Stryker disable next-line ConditionalExpression: awaiting undefined takes time, and changes nothing else
        if (waiting !== undefined) await waiting;
      }
      sink.done(undefined);
    } catch (error) {
      sink.failed(error);
    }
  }

  /** Ends the iteration with `return()` of the iterator, unless it is over. Rejects if that call fails. */
  async leave(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    // In a later microtask: a generator that ends its own call is still running, and cannot be ended before its `yield`.
    await this.#return(undefined);
  }
}

/** Checks the result of `next()`, which untyped code may have returned. @throws TypeError if it is not an object */
function checkResult(result: unknown): IteratorResult<unknown, unknown> {
  if (Object(result) === result) return result as IteratorResult<unknown, unknown>;
  throw new TypeError(`next() of an iterator returned ${textOf(result)}. It must return { done, value }.`);
}
