/** A call that can be in a list of {@link OpenCalls}. */
export interface Indexed {
  /** The index of the call in the list. */
  index: number;
}

/**
 * Calls that are not over, in no particular order. Each call stores its index in the
 * list. Add a call once, and delete it once.
 *
 * A `Set` would be the obvious choice. But V8 often replaces the table inside a
 * `Set` that constantly changes, and a replaced table keeps its calls alive until
 * it is garbage-collected itself.
 */
export class OpenCalls<Call extends Indexed> {
  readonly #calls: Call[] = [];

  /** Adds a call. */
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
