import type { Message } from "@bufbuild/protobuf";
import { ContextValues } from "../core/context-values.js";
import { Deadline } from "../core/deadline.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type {
  CallRequest,
  OutgoingCall,
  PendingReason,
  ResponseListener,
  RetriedRequest,
  Transport,
} from "../transport/client.js";
import type { HeldCall, HeldCalls } from "../transport/closing.js";
import type { Attempt } from "./attempt.js";
import { type CalledMethod, calledMethod } from "./called-method.js";
import type { AroundAttempt, Intercepted } from "./intercepted.js";
import type { ClientInterceptor } from "./interceptor.js";
import { InterceptorRun } from "./interceptor-run.js";
import { callerCancelled } from "./outcome.js";
import { ResponseRelay } from "./response-relay.js";
import { oneResponse } from "./response-sources.js";
import { TransportAttempt } from "./transport-attempt.js";

/** The way of calls through interceptors, the outermost first. There is at least one. */
export interface Route {
  readonly interceptors: readonly [ClientInterceptor, ...ClientInterceptor[]];
  readonly transport: Transport;
  /** Has each of these calls until it is over. */
  readonly held: HeldCalls | undefined;
}

/**
 * A call on its way through interceptors. To the caller it is the call of a transport.
 *
 * ```
 * caller → run of the outermost interceptor → next() → … → run of the innermost one → next() → transport
 * ```
 *
 * Each `next()` starts an attempt, so that the runs form a tree if interceptors call it again.
 * The call ends with the run of the outermost interceptor, or when the caller cancels it.
 */
export class InterceptedCall implements OutgoingCall, HeldCall, Intercepted, AroundAttempt {
  readonly indexInside: number = 0;
  /** Responses reach the caller as the outermost interceptor passes them out. */
  readonly replaceResponse: undefined;
  readonly #route: Route;
  readonly transport: Transport;
  readonly method: CalledMethod;
  readonly request: CallRequest;
  readonly deadline: Deadline | undefined;
  readonly values: ContextValues;
  readonly responses: ResponseRelay;
  readonly #listener: ResponseListener;
  readonly #run: InterceptorRun;
  index = 0;

  constructor(route: Route, request: CallRequest, listener: ResponseListener) {
    const { method, timeout, values } = request;
    this.#route = route;
    this.transport = route.transport;
    this.method = calledMethod(method);
    this.request = request;
    this.deadline = timeout === undefined ? undefined : Deadline.after(timeout);
    this.values = values ?? new ContextValues();
    this.responses = new ResponseRelay(listener);
    this.#listener = listener;
    this.#run = new InterceptorRun(this, route.interceptors[0], this);
    route.held?.add(this);
  }

  start(): this {
    this.#run.run();
    return this;
  }

  inside(around: AroundAttempt): Attempt {
    const interceptor = this.#route.interceptors[around.indexInside];
    return interceptor === undefined
      ? new TransportAttempt(this, around)
      : new InterceptorRun(this, interceptor, around);
  }

  get metadataToSend(): Metadata | undefined {
    return this.request.metadata;
  }

  get attemptsBefore(): number {
    return this.request.previousAttempts;
  }

  get retried(): RetriedRequest | undefined {
    return this.request.retried;
  }

  onAttemptHeaders(_run: Attempt, metadata: Metadata): void {
    this.#listener.onHeaders(metadata);
  }

  passOut(_run: Attempt, response: Message): Message {
    return response;
  }

  onUnreadable(_run: Attempt, failure: CallEnd): void {
    this.responses.fail(failure);
  }

  onAttemptOver(run: Attempt): void {
    this.#route.held?.delete(this);
    const { end } = run;
    if (end === undefined) return;
    if (this.method.singleResponse && end.status === Status.OK) this.responses.readFrom(oneResponse(run.takeOnly()));
    this.responses.finish(end);
  }

  get peer(): string | undefined {
    return this.#run.peer;
  }

  whyPending(): PendingReason | undefined {
    return this.#run.whyPending();
  }

  get attempts(): readonly Error[] {
    return this.#run.attempts;
  }

  send(message: Message, last: boolean, compress?: boolean): boolean {
    const waiting = this.#run.send(message, last, compress);
    if (waiting === undefined) return true;
    void waiting.then(() => {
      if (!this.#run.over) this.#listener.onDrain();
    });
    return false;
  }

  end(): void {
    this.#run.endRequests();
  }

  pull(): void {
    this.responses.pull();
  }

  /** Unlike after `cancel()`, the listener learns of it. */
  abort(end: CallEnd): void {
    this.#run.cancel(end);
  }

  cancel(end: CallEnd = callerCancelled): void {
    if (this.#run.over) return;
    this.responses.cancel();
    this.#run.cancel(end);
  }
}
