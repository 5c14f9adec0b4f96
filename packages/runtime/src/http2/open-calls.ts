/**
 * The open calls of a server. Each call knows its index in the list.
 *
 * A `Set` would be the obvious choice, but one that is added to and deleted from
 * all the time leaves old tables behind, which keep alive what was in them.
 */
export class OpenCalls<Call extends { index: number }> {
  readonly #calls: Call[] = [];

  add(call: Call): void {
    call.index = this.#calls.push(call) - 1;
  }

  /** Removes a call. The last one moves to its index. */
  delete(call: Call): void {
    const last = this.#calls.pop();
    if (last === undefined || last === call) return;
    this.#calls[call.index] = last;
    last.index = call.index;
  }

  /** A copy of the list. */
  list(): readonly Call[] {
    return [...this.#calls];
  }
}
