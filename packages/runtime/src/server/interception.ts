import { passItsResult } from "../core/misplaced-factory.js";
import type { Replace } from "../core/replace-message.js";
import type { CallOutcome } from "../errors/call-outcome.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { CallContext } from "./call-context.js";
import { type Failure, InterceptedContext, type SharedByInterceptors } from "./intercepted-context.js";
import type { ServerInterceptor } from "./interceptor.js";

/** What an {@link Interception} needs of its call. */
export interface CallToIntercept {
  /** Runs the handler once the request is there. `handlerDone()` follows, also if the call is over before. */
  beginHandler(): void;
  /** How a call ends whose handler or interceptor has thrown an error. */
  outcomeOf(error: unknown): CallOutcome;
  /** Whether a method with a single response lacks it. */
  readonly lacksResponse: boolean;
  /** The outermost interceptor is done. @param failure the error with which the call is to end */
  intercepted(failure: Failure | undefined): void;
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
  readonly #call: CallToIntercept;
  /** The `next()` of the innermost interceptor, once it has been called. */
  #handling: Handling | undefined;
  pending = 0;
  ended: (() => CallOutcome) | undefined;
  #onEnded: ((outcome: CallOutcome) => void)[] | undefined;
  replaceRequest: Replace | undefined;
  replaceResponse: Replace | undefined;

  constructor(interceptors: readonly ServerInterceptor[], context: CallContext, call: CallToIntercept) {
    this.#interceptors = interceptors;
    this.#context = context;
    this.#call = call;
  }

  /** Runs the interceptors. `intercepted()` of the call follows. */
  run(): void {
    void this.#runFrom(0, undefined);
  }

  /** The handler is done, or will not run. Without a failure, `next()` of the innermost interceptor resolves. */
  handlerDone(failure?: Failure): void {
    if (this.#handling === undefined) return;
    const { context, resolve, reject } = this.#handling;
    this.#handling = undefined;
    context.settled(failure);
    if (failure === undefined) resolve();
    else reject(failure.reason);
  }

  /** The call has ended, perhaps before the interceptors are done. The first call counts. */
  end(outcome: () => CallOutcome): void {
    if (this.ended !== undefined) return;
    this.ended = outcome;
    for (const resolve of this.#onEnded ?? []) resolve(outcome());
  }

  onEnded(callback: (outcome: CallOutcome) => void): void {
    this.#onEnded ??= [];
    this.#onEnded.push(callback);
  }

  outcomeOf(error: unknown): CallOutcome {
    return this.#call.outcomeOf(error);
  }

  onLateError(error: unknown): void {
    this.#call.onLateError(error);
  }

  /** What `next()` of an interceptor runs: the following interceptor, or the handler. */
  runAfter(context: InterceptedContext): Promise<void> {
    const index = context.index + 1;
    return index < this.#interceptors.length ? this.#runFrom(index, context) : this.#runHandler(context);
  }

  /**
   * Runs an interceptor. Not an async function, which would allocate more.
   *
   * @param outer the context of the interceptor whose `next()` this is; `undefined` for the outermost interceptor
   */
  #runFrom(index: number, outer: InterceptedContext | undefined): Promise<void> {
    const context = new InterceptedContext(this.#context, this, index);
    return this.#resultOf(context).then(
      (result) => this.#returned(result, context, outer),
      (reason) => this.#failed({ reason }, context, outer),
    );
  }

  #resultOf(context: InterceptedContext): Promise<unknown> {
    try {
      return Promise.resolve(this.#interceptors[context.index]?.(context, () => context.next()));
    } catch (error) {
      // A function that is not async has thrown.
      return Promise.reject(error);
    }
  }

  #returned(result: unknown, context: InterceptedContext, outer: InterceptedContext | undefined): void {
    try {
      this.#check(result, context);
    } catch (reason) {
      return this.#failed({ reason }, context, outer);
    }
    context.returned();
    if (outer === undefined) this.#call.intercepted(undefined);
    else outer.settled(undefined);
  }

  #failed(failure: Failure, context: InterceptedContext, outer: InterceptedContext | undefined): void {
    context.returned();
    if (outer === undefined) return this.#call.intercepted(failure);
    outer.settled(failure);
    throw failure.reason;
  }

  /** @throws ProtocolError if an interceptor has returned too early, or without a response */
  #check(result: unknown, context: InterceptedContext): void {
    if (this.ended !== undefined) return;
    const { path } = this.#context.describedMethod;
    if (context.pending) throw new ProtocolError(notAwaited(path));
    const { name } = this.#interceptors[context.index] as ServerInterceptor;
    if (typeof result === "function" && context.result === undefined) throw new ProtocolError(notCreated(path, name));
    if (this.#call.lacksResponse) throw new ProtocolError(noResponse(path));
  }

  #runHandler(context: InterceptedContext): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#handling = { context, resolve, reject };
      this.#call.beginHandler();
    });
  }
}

/** What settles the `next()` of the innermost interceptor. */
interface Handling {
  readonly context: InterceptedContext;
  resolve(): void;
  reject(reason: unknown): void;
}

const notAwaited = (path: string): string =>
  `An interceptor of ${path} has returned before its next() settled. Return or await next().`;

const noResponse = (path: string): string =>
  `An interceptor of ${path} has returned, but no response has been sent. Await next(), and if it rejects, throw an error.`;

const notCreated = (path: string, name: string): string =>
  `An interceptor of ${path} has returned a function, without next(). ${passItsResult(name)}`;
