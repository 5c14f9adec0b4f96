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
  readonly #errors: InputError[] = [];

  /** The errors so far. */
  get all(): readonly InputError[] {
    return this.#errors;
  }

  /** Runs a function, and keeps an {@link InputError} that it throws. Other errors are thrown. */
  collect<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const isNew = ({ message }: InputError) => !this.#errors.some((other) => other.message === message);
      this.#errors.push(...error.all.filter(isNew));
      return undefined;
    }
  }

  /** The messages of the collected errors, one a line. */
  get text(): string {
    return this.#errors.map(({ message }) => message).join("\n");
  }

  /** Throws an {@link InputError} with a line for each collected error, if there are any. */
  throwIfAny(): void {
    if (this.#errors.length > 0) {
      throw new ListedErrors(this.#errors);
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
