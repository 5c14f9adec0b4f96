import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { GRPCError } from "../errors/error.js";
import { type Attempt, endBehindOneOf } from "./attempt.js";
import type { ClientResult } from "./interceptor.js";
import { attemptSuperseded, endWith } from "./outcome.js";

/** An attempt, and what `next()` has returned for it. */
interface Entry {
  readonly attempt: Attempt;
  readonly result: Promise<ClientResult>;
}

const none: readonly Attempt[] = [];

/** The attempts of an intercepted call, in order. */
export class Attempts {
  readonly #all: Entry[] = [];
  /** Those that were not over when this was last checked. The list is replaced when it changes. */
  #live = none;

  /** The errors of those that have failed, in that order. */
  readonly errors: GRPCError[] = [];

  get count(): number {
    return this.#all.length;
  }

  /** Those that are not over. */
  get running(): readonly Attempt[] {
    if (this.#live.some(isOver)) this.#live = this.#live.length === 1 ? none : this.#live.filter(isRunning);
    return this.#live;
  }

  add(attempt: Attempt, run: (attempt: Attempt) => Promise<ClientResult>): Promise<ClientResult> {
    this.#live = [...this.running, attempt];
    const result = run(attempt);
    this.#all.push({ attempt, result });
    return result;
  }

  /** An attempt has failed. One that was superseded by another has not. */
  onFailure(attempt: Attempt, error: unknown): void {
    if (error instanceof GRPCError && attempt.end !== attemptSuperseded) this.errors.push(error);
  }

  cancelRunning(end: CallEnd, except?: Attempt): void {
    for (const attempt of this.running) {
      if (attempt === except) continue;
      // Nobody may be waiting for it, and a rejection that nobody handles ends the process.
      this.#all.find((entry) => entry.attempt === attempt)?.result.catch(() => {});
      attempt.cancel(end);
    }
  }

  /** How the last one that succeeded ended, if any has. */
  get success(): CallEnd | undefined {
    return this.#all.findLast(({ attempt }) => attempt.end?.status === Status.OK)?.attempt.end;
  }

  /** How a call ends whose interceptor throws this error, which may be that of one of the attempts. */
  endWith(error: unknown): CallEnd {
    return endBehindOneOf((attempt) => this.#all.some((entry) => entry.attempt === attempt), error) ?? endWith(error);
  }
}

const isOver = (attempt: Attempt): boolean => attempt.over;
const isRunning = (attempt: Attempt): boolean => !attempt.over;
