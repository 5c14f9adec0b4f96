/** An iteration that can also be ended from outside, while it waits for its next item too. */
export class Iteration {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #finished = false;

  constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#iterator = iterator;
  }

  /** The next item. */
  async next(): Promise<IteratorResult<unknown, unknown>> {
    try {
      const result = await this.#iterator.next();
      if (result.done) this.#finished = true;
      return result;
    } catch (error) {
      this.#finished = true;
      throw error;
    }
  }

  /** Ends the iteration through `return()`, unless it has ended. Rejects with what its clean-up throws. */
  async leave(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    await this.#iterator.return?.();
  }
}
