/**
 * The state of a channel, by gRPC's names:
 *
 * - `IDLE`: it is not connected. The next call connects.
 * - `CONNECTING`: a connection is being established. Calls wait for it.
 * - `READY`: it is connected.
 * - `TRANSIENT_FAILURE`: the last attempt to connect has failed. Until the next one, calls fail at once, unless they
 *   are `waitForReady`.
 * - `SHUTDOWN`: it has been closed.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/connectivity-semantics-and-api.md
 */
export type ConnectivityState = "IDLE" | "CONNECTING" | "READY" | "TRANSIENT_FAILURE" | "SHUTDOWN";

/** The state of a channel, and those who follow it. */
export class Connectivity {
  #state: ConnectivityState = "IDLE";
  readonly #followers = new Set<(state: ConnectivityState) => void>();

  get state(): ConnectivityState {
    return this.#state;
  }

  /** Changes the state. A channel that is closed stays closed. */
  set(state: ConnectivityState): void {
    if (state === this.#state || this.#state === "SHUTDOWN") return;
    this.#state = state;
    for (const follow of this.#followers) follow(state);
  }

  /** Iterates over the present state and all later ones, up to `SHUTDOWN`. Each iteration has its own queue. */
  changes(): AsyncGenerator<ConnectivityState, void> {
    const leaving = new AbortController();
    const iterator = this.#follow(leaving.signal);
    const leave = iterator.return.bind(iterator);
    // Without this, return() would wait for a change: a generator can only be left at a `yield`.
    iterator.return = (value) => {
      leaving.abort();
      return leave(value);
    };
    return iterator;
  }

  async *#follow(leaving: AbortSignal): AsyncGenerator<ConnectivityState, void> {
    const states: ConnectivityState[] = [this.#state];
    let wake = () => {};
    const follow = (state: ConnectivityState) => {
      states.push(state);
      wake();
    };
    leaving.addEventListener("abort", () => wake());
    this.#followers.add(follow);
    try {
      while (!leaving.aborted) {
        const state = states.shift();
        if (state !== undefined) yield state;
        if (state === "SHUTDOWN") return;
        if (states.length > 0 || leaving.aborted) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#followers.delete(follow);
    }
  }
}
