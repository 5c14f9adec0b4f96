/**
 * The calls of a server that are open. A `Set` that is always added to and
 * deleted from leaves old tables behind, which keep what was in them alive. Each
 * call knows its place.
 */
export class OpenCalls<Call extends { place: number }> {
  readonly #calls: Call[] = [];

  add(call: Call): void {
    call.place = this.#calls.push(call) - 1;
  }

  /** Removes a call; the last one takes its place. */
  delete(call: Call): void {
    const last = this.#calls.pop();
    if (last === undefined || last === call) return;
    this.#calls[call.place] = last;
    last.place = call.place;
  }

  /** All of them, as they are now. */
  list(): readonly Call[] {
    return [...this.#calls];
  }
}
