import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { type Attempt, endBehindOneOf } from "./attempt.js";
import type { ClientResult } from "./interceptor.js";
import { endWith } from "./outcome.js";

/** The attempts of an intercepted call, in order. */
export class Attempts {
  /** What `next()` has returned for each of them. */
  readonly #results = new Map<Attempt, Promise<ClientResult>>();
  /** Those that were not over when this was last checked. The list is replaced when it changes. */
  #live: readonly Attempt[] = [];

  get count(): number {
    return this.#results.size;
  }

  /** Those that are not over. */
  get running(): readonly Attempt[] {
    if (this.#live.some((attempt) => attempt.over)) this.#live = this.#live.filter((attempt) => !attempt.over);
    return this.#live;
  }

  add(attempt: Attempt, run: () => Promise<ClientResult>): Promise<ClientResult> {
    this.#live = [...this.running, attempt];
    const result = run();
    this.#results.set(attempt, result);
    return result;
  }

  cancelRunning(end: CallEnd, except?: Attempt): void {
    for (const attempt of this.running) {
      if (attempt === except) continue;
      // Nobody may be waiting for it, and a rejection that nobody handles ends the process.
      this.#results.get(attempt)?.catch(() => {});
      attempt.cancel(end);
    }
  }

  /** How the last one that succeeded ended, if any has. */
  get success(): CallEnd | undefined {
    return [...this.#results.keys()].findLast(({ end }) => end?.status === Status.OK)?.end;
  }

  /** How a call ends whose interceptor throws this error, which may be that of one of the attempts. */
  endWith(error: unknown): CallEnd {
    return endBehindOneOf(this.#results, error) ?? endWith(error);
  }
}
