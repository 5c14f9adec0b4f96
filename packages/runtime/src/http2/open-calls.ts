/**
 * The open calls of a server, in no particular order. Each call stores its index
 * in the list.
 *
 * A `Set` would be the obvious choice. But V8 often replaces the table inside a
 * `Set` that constantly changes, and a replaced table keeps its calls alive until
 * it is garbage-collected itself.
 */
export class OpenCalls<Call extends { index: number }> {
  readonly #calls: Call[] = [];

  add(call: Call): void {
    call.index = this.#calls.push(call) - 1;
  }

  /** Removes a call. The last call in the list takes its index. */
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
