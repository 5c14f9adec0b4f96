/** What handlers observe of their calls, by the ids of the calls. */
export class Observations {
  readonly #calls = new Map<string, Observation>();

  of(id: string): Observation {
    const observation = this.#calls.get(id) ?? new Observation();
    this.#calls.set(id, observation);
    return observation;
  }
}

/** What the handler of a call observes. */
class Observation {
  readonly started = new Latch<void>();
  /** The reason with which the signal of the call aborts. */
  readonly aborted = new Latch<string>();
  /** How many responses the transport has taken so far. */
  responses = 0;

  start(signal: AbortSignal): void {
    this.started.happen();
    signal.addEventListener("abort", () => this.aborted.happen(describe(signal.reason)));
  }
}

/** Something that happens at most once. */
class Latch<Value> {
  happen!: (value: Value) => void;
  readonly happened = new Promise<Value>((resolve) => {
    this.happen = resolve;
  });
}

function describe(reason: unknown): string {
  return reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
}
