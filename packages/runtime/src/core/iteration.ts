/** Takes the items of an {@link Iteration}. */
export interface ItemSink {
  /** Whether it still wants any. */
  readonly wanting: boolean;
  /** @returns a promise where the next item has to wait */
  take(item: unknown): Promise<void> | undefined;
  /** There are no more. @param last what the iterator returned, or the item that nobody wanted any more */
  done(last: unknown): void;
  /** There are no more, because of an error: of the iterator, or of the sink itself. Must not throw. */
  failed(error: unknown): void;
}

/** An iteration that can also be ended from outside, while it waits for its next item too. */
export class Iteration {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #over = false;

  constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#iterator = iterator;
  }

  /** Passes the items on, as long as they are wanted. Whatever goes wrong is for the sink: this does not reject. */
  async run(sink: ItemSink): Promise<void> {
    try {
      while (sink.wanting) {
        let result: IteratorResult<unknown, unknown>;
        try {
          result = await this.#iterator.next();
        } catch (error) {
          this.#over = true;
          throw error;
        }
        if (result.done) this.#over = true;
        if (result.done || !sink.wanting) return sink.done(await result.value);
        const waiting = sink.take(result.value);
        if (waiting !== undefined) await waiting;
      }
      sink.done(undefined);
    } catch (error) {
      sink.failed(error);
    }
  }

  /** Ends the iteration through `return()`, unless it is over. Rejects with what its clean-up throws. */
  async leave(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.#iterator.return?.();
  }
}
