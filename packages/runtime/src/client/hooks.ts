import { bindContext } from "../core/bind-context.js";
import { Metadata } from "../core/metadata.js";
import { runSafely } from "../core/run-safely.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallOptions } from "./call-options.js";

/** The hooks in the options of a call. They run in the caller's async context, in a later microtask. */
export class CallHooks {
  readonly #onHeaders: Hook | undefined;
  readonly #onTrailers: Hook | undefined;
  /** The number of hooks that are about to run. */
  #pending = 0;
  #afterEnd: (() => void) | undefined;

  /**
   * The hooks in these options; `undefined` if there are none.
   *
   * @param fail receives an error that a hook throws, or that its promise rejects with. Must not throw
   */
  static of(options: Pick<CallOptions, "onHeaders" | "onTrailers">, fail: Fail): CallHooks | undefined {
    if (options.onHeaders === undefined && options.onTrailers === undefined) return undefined;
    return new CallHooks(options, fail);
  }

  private constructor({ onHeaders, onTrailers }: Pick<CallOptions, "onHeaders" | "onTrailers">, fail: Fail) {
    this.#onHeaders = onHeaders && this.#bind(onHeaders, fail);
    this.#onTrailers = onTrailers && this.#bind(onTrailers, fail);
  }

  onHeaders(metadata: Metadata): void {
    this.#onHeaders?.(metadata);
  }

  /** Calls `after` once the hooks have run: at once if none is pending. An error that a hook throws comes first. */
  onEnd(end: CallEnd, after: () => void): void {
    if (end.origin === "peer") this.#onTrailers?.(end.metadata ?? new Metadata());
    this.#afterEnd = after;
    this.#checkEnd();
  }

  #bind(hook: Hook, fail: Fail): Hook {
    const run = bindContext((metadata: Metadata) => {
      void runSafely(() => hook(metadata), fail);
      this.#pending -= 1;
      this.#checkEnd();
    });
    return (metadata) => {
      this.#pending += 1;
      void run(metadata);
    };
  }

  #checkEnd(): void {
    if (this.#pending === 0) this.#afterEnd?.();
  }
}

type Hook = (metadata: Metadata) => void;
type Fail = (error: unknown) => void;
