/** The fields of a form. Their names are the paths of the request's fields in JSON, which fieldViolations() uses. */
export class Fields {
  readonly #inputs: readonly HTMLInputElement[];

  constructor(form: HTMLFormElement) {
    this.#inputs = [...form.elements].flatMap((element) => (element instanceof HTMLInputElement ? [element] : []));
    for (const input of this.#inputs) input.addEventListener("input", () => show(input, ""));
    form.addEventListener("reset", () => this.show(new Map()));
  }

  /** The text in a field. */
  text(name: string): string {
    return this.#inputs.find((input) => input.name === name)?.value.trim() ?? "";
  }

  /**
   * Shows the messages below their fields, and moves the focus to the first field that has one. Returns the messages
   * that do not belong to a field of the form.
   */
  show(violations: ReadonlyMap<string, readonly string[]>): readonly string[] {
    for (const input of this.#inputs) show(input, violations.get(input.name)?.join(". ") ?? "");
    this.#inputs.find(({ name }) => violations.has(name))?.focus();
    const names = new Set(this.#inputs.map(({ name }) => name));
    return [...violations].flatMap(([name, messages]) => (names.has(name) ? [] : messages));
  }
}

function show(input: HTMLInputElement, message: string): void {
  input.ariaInvalid = String(message !== "");
  const place = document.getElementById(`${input.id}-error`);
  if (place !== null) place.textContent = message;
}
