/** An error in the plugin's input. Its message tells the user what is wrong, where, and how to fix it. */
export class InputError extends Error {
  override name = "InputError";

  /** The errors that this one lists; itself if it is a single one. */
  get all(): readonly InputError[] {
    return [this];
  }
}

/** Collects the errors in an input, so that users can fix all of them before they run the plugin again. */
export class InputErrors {
  /** By their messages, which contain their places, so that none is listed twice. */
  readonly #errors = new Map<string, InputError>();

  /** The errors so far. */
  get all(): readonly InputError[] {
    return [...this.#errors.values()];
  }

  /** Runs a function, and keeps an {@link InputError} that it throws. Other errors are thrown. */
  collect<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      for (const each of error.all) this.#errors.set(each.message, each);
      return undefined;
    }
  }

  /** The messages of the collected errors, one a line. */
  get text(): string {
    return [...this.#errors.keys()].join("\n");
  }

  /** Throws an {@link InputError} with a line for each collected error, if there are any. */
  throwIfAny(): void {
    if (this.#errors.size > 0) {
      throw new ListedErrors(this.all);
    }
  }
}

class ListedErrors extends InputError {
  readonly #errors: readonly InputError[];

  constructor(errors: readonly InputError[]) {
    super(errors.map(({ message }) => message).join("\n"));
    this.#errors = errors;
  }

  override get all(): readonly InputError[] {
    return this.#errors;
  }
}
