import type { Replace } from "../core/replace-message.js";
import type { CallOutcome } from "../errors/call-outcome.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { CallContext } from "./call-context.js";
import { InterceptedContext, type SharedByInterceptors } from "./intercepted-context.js";
import type { ServerInterceptor } from "./interceptor.js";

/** What an {@link Interception} needs of its call. */
export interface InterceptionParts {
  /** Runs the handler once the request is there. `handlerDone()` follows, also if the call is over before. */
  runHandler(): void;
  /** How a call ends whose handler or interceptor has thrown an error. */
  outcomeOf(error: unknown): CallOutcome;
  /** Whether a method with a single response lacks it. */
  lacksResponse(): boolean;
  /** An error that comes after its interceptor has returned. */
  onLateError(error: unknown): void;
}

/**
 * The interceptors of one incoming call.
 *
 * ```
 * run() → outermost interceptor → next() → … → innermost interceptor → next() → handler
 * ```
 */
export class Interception implements SharedByInterceptors {
  readonly #interceptors: readonly ServerInterceptor[];
  readonly #context: CallContext;
  readonly #parts: InterceptionParts;
  /** Settles the `next()` of the innermost interceptor. */
  #settle: { resolve(): void; reject(reason: unknown): void } | undefined;
  pending = 0;
  #ended: (() => CallOutcome) | undefined;
  readonly #onEnded: ((outcome: CallOutcome) => void)[] = [];
  replaceRequest: Replace | undefined;
  replaceResponse: Replace | undefined;

  constructor(interceptors: readonly ServerInterceptor[], context: CallContext, parts: InterceptionParts) {
    this.#interceptors = interceptors;
    this.#context = context;
    this.#parts = parts;
  }

  /** Runs the interceptors. Rejects with the error with which the call is to end. */
  run(): Promise<void> {
    return this.#runFrom(0);
  }

  /** The handler is done, or will not run. Without a failure, `next()` of the innermost interceptor resolves. */
  handlerDone(failure?: { readonly reason: unknown }): void {
    if (failure === undefined) this.#settle?.resolve();
    else this.#settle?.reject(failure.reason);
  }

  /** The call has ended, perhaps before the interceptors are done. The first call counts. */
  end(outcome: () => CallOutcome): void {
    if (this.#ended !== undefined) return;
    this.#ended = outcome;
    for (const resolve of this.#onEnded) resolve(outcome());
  }

  get ended(): (() => CallOutcome) | undefined {
    return this.#ended;
  }

  onEnded(callback: (outcome: CallOutcome) => void): void {
    this.#onEnded.push(callback);
  }

  outcomeOf(error: unknown): CallOutcome {
    return this.#parts.outcomeOf(error);
  }

  async #runFrom(index: number): Promise<void> {
    const interceptor = this.#interceptors[index];
    if (interceptor === undefined) return await this.#handler();
    const context = new InterceptedContext(this.#context, this, () => this.#runFrom(index + 1));
    try {
      await interceptor(context, () => context.next());
    } finally {
      context.returned((error) => this.#parts.onLateError(error));
    }
    if (this.#ended !== undefined) return;
    const { path } = this.#context.describedMethod;
    if (context.pending) throw new ProtocolError(notAwaited(path));
    if (this.#parts.lacksResponse()) throw new ProtocolError(noResponse(path));
  }

  #handler(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#parts.runHandler();
    });
  }
}

const notAwaited = (path: string): string =>
  `An interceptor of ${path} has returned before its next() settled. Return or await next().`;

const noResponse = (path: string): string =>
  `An interceptor of ${path} has returned, but no response has been sent. Await next(), and if it rejects, throw an error.`;
