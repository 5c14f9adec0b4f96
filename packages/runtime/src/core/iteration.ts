/** Takes the items of an {@link Iteration}. */
export interface ItemSink {
  /** Whether it still wants any. */
  readonly wanting: boolean;
  /** @returns a promise where the next item has to wait */
  take(item: unknown): Promise<void> | undefined;
}

/** An iteration that can also be ended from outside, while it waits for its next item too. */
export class Iteration {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #over = false;

  constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#iterator = iterator;
  }

  /**
   * Passes the items on, as long as they are wanted.
   *
   * @returns what the iterator returned, or the item that nobody wanted any more
   */
  async run(sink: ItemSink): Promise<unknown> {
    while (sink.wanting) {
      let result: IteratorResult<unknown, unknown>;
      try {
        result = await this.#iterator.next();
      } catch (error) {
        this.#over = true;
        throw error;
      }
      if (result.done) this.#over = true;
      if (result.done || !sink.wanting) return result.value;
      const waiting = sink.take(result.value);
      if (waiting !== undefined) await waiting;
    }
    return undefined;
  }

  /** Ends the iteration through `return()`, unless it is over. Rejects with what its clean-up throws. */
  async leave(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.#iterator.return?.();
  }
}
