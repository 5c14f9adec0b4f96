/** An error in the plugin's input. Its message tells the user what is wrong, where, and how to fix it. */
export class InputError extends Error {
  override name = "InputError";
}

/** Collects the errors in an input, so that users can fix all of them before they run the plugin again. */
export class InputErrors {
  readonly #messages: string[] = [];

  /** Runs a function, and keeps an {@link InputError} that it throws. Other errors are thrown. */
  collect<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#messages.push(error.message);
      return undefined;
    }
  }

  /** Throws an {@link InputError} with a line for each collected error, if there are any. */
  throwIfAny(): void {
    if (this.#messages.length > 0) {
      throw new InputError(this.#messages.join("\n"));
    }
  }
}
