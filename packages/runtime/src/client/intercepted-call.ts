import { create, type Message } from "@bufbuild/protobuf";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { CallRequest, OutgoingCall, PendingReason, ResponseListener, Transport } from "../transport/client.js";
import { Attempt, endBehind } from "./attempt.js";
import type { CalledMethod } from "./called-method.js";
import { HeldRequests } from "./held-requests.js";
import type { ClientInterceptor, ClientResult } from "./interceptor.js";
import {
  alreadyRunning,
  headersArrived,
  noResponse,
  notAwaited,
  requestsNotKept,
  twoAnswers,
} from "./interceptor-misuse.js";
import { InterceptorView, type ViewedCall } from "./interceptor-view.js";
import { attemptSuperseded, callerCancelled, endWith, errorOf, outcomeOf } from "./outcome.js";
import { ResponseRelay } from "./response-relay.js";
import { AttemptResponses, OwnResponses, oneResponse } from "./response-sources.js";

/** An interceptor with the transport that its `next()` uses. */
export interface Layer {
  readonly interceptor: ClientInterceptor;
  readonly transport: Transport;
}

/**
 * A call on its way through one interceptor. To the caller it is the call of a
 * transport. For the interceptor it starts an attempt, on the inner transport,
 * with each `next()`.
 *
 * The caller's requests go to all attempts that are not over, see `HeldRequests`,
 * and the caller's pulls to the last attempt, see `ResponseRelay`. The call ends
 * with the result of the interceptor, or when the caller cancels it.
 */
export class InterceptedCall implements OutgoingCall, ViewedCall {
  readonly #layer: Layer;
  readonly #listener: ResponseListener;
  readonly #method: CalledMethod;
  readonly #view: InterceptorView;
  readonly #requests: HeldRequests;
  readonly #responses: ResponseRelay;
  /** All attempts, in order. The list is replaced when it changes. */
  #attempts: readonly Attempt[] = [];
  /** Those that were not over when this was last checked. The list is replaced when it changes. */
  #live: readonly Attempt[] = [];
  /** The attempt whose headers the caller has got. */
  #winner: Attempt | undefined;
  /** Whether the caller waits until it may send the next request. */
  #waiting = false;
  /** How the call has ended; `undefined` while it is not over. */
  #end: CallEnd | undefined;

  constructor(layer: Layer, request: CallRequest, listener: ResponseListener) {
    this.#layer = layer;
    this.#listener = listener;
    this.#method = calledMethod(request.method);
    this.#view = new InterceptorView(request, this);
    this.#requests = new HeldRequests(request.method.desc.input);
    this.#responses = new ResponseRelay(listener);
  }

  /** Runs the interceptor. */
  start(): this {
    void this.#run();
    return this;
  }

  async #run(): Promise<void> {
    const { interceptor } = this.#layer;
    try {
      const result = await interceptor(this.#view, () => this.#next());
      if (this.#end === undefined) this.#finish(this.#endWith(result));
    } catch (error) {
      // A function that is not async may throw before start() has returned.
      await Promise.resolve();
      this.#finish(endBehind(error) ?? endWith(error));
    }
  }

  get #latest(): Attempt | undefined {
    return this.#attempts.at(-1);
  }

  get peer(): string | undefined {
    return (this.#winner ?? this.#latest)?.peer;
  }

  get committed(): boolean {
    return this.#answered || !this.#requests.complete;
  }

  /** Whether the caller has got headers or a response. Some transports deliver responses without headers. */
  get #answered(): boolean {
    return this.#winner !== undefined || this.#responses.delivered;
  }

  whyPending(): PendingReason | undefined {
    const attempt = this.#latest;
    if (attempt !== undefined && !attempt.over) return attempt.whyPending();
    const { name } = this.#layer.interceptor;
    return { activity: `waiting for ${name === "" ? "an interceptor" : `the interceptor ${name}`}` };
  }

  send(message: Message, last: boolean, compress?: boolean): boolean {
    const waiting = this.#requests.add(message, last, compress, this.#running());
    if (waiting === undefined && this.#running().length > 0) return true;
    this.#waiting = true;
    void waiting?.then(() => this.#drained());
    return false;
  }

  end(): void {
    this.#requests.end(this.#running());
  }

  pull(): void {
    this.#responses.pull();
  }

  cancel(end: CallEnd = callerCancelled): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const error = () => errorOf({ end }, { method: this.#method, peer: this.peer });
    this.#view.abort(error);
    this.#view.learn(() => outcomeOf(end, error()));
    for (const attempt of this.#running()) attempt.cancel(end);
    this.#responses.cancel();
  }

  /** The attempts that are not over. */
  #running(): readonly Attempt[] {
    if (this.#live.some((attempt) => attempt.over)) this.#live = this.#live.filter((attempt) => !attempt.over);
    return this.#live;
  }

  /** Without an attempt, the next request has to wait for one, or for the end of the call. */
  #drained(): void {
    if (!this.#waiting || this.#running().length === 0) return;
    this.#waiting = false;
    this.#listener.onDrain();
  }

  /** What an interceptor calls to send the call. */
  #next(): Promise<ClientResult> {
    try {
      this.#checkNext();
      this.#view.begin();
    } catch (error) {
      return Promise.reject(error);
    }
    const attempt = new Attempt(this.#method, this.#view.optionsAfter(this.#attempts.length), (metadata) =>
      this.#onHeaders(attempt, metadata),
    );
    attempt.result = this.#resultOf(attempt);
    return attempt.result;
  }

  #checkNext(): void {
    if (this.#end !== undefined) throw errorOf({ end: this.#end }, { method: this.#method, peer: this.peer });
    const { path, singleResponse } = this.#method;
    if (this.#answered) throw new ProtocolError(headersArrived(path));
    if (!this.#requests.complete) throw new ProtocolError(requestsNotKept(path));
    if (!singleResponse && this.#running().length > 0) throw new ProtocolError(alreadyRunning(path));
  }

  async #resultOf(attempt: Attempt): Promise<ClientResult> {
    this.#attempts = [...this.#attempts, attempt];
    this.#live = [...this.#running(), attempt];
    attempt.start(this.#layer.transport);
    if (!this.#method.singleResponse)
      this.#responses.readFrom(new AttemptResponses(attempt, this.#view.replaceResponse));
    const waiting = this.#requests.sendAll(attempt, this.#view.requests);
    if (waiting === undefined) this.#drained();
    else void waiting.then(() => this.#drained());
    if (!attempt.over) await attempt.untilOver();
    let error: unknown;
    try {
      if (!this.#method.singleResponse) return attempt.throwIfFailed() as undefined;
      const response = attempt.responses.takeOnly();
      return this.#view.replaceResponse?.(response) ?? response;
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      const end = endBehind(error) ?? attempt.end;
      if (this.#end === undefined) this.#view.learn(() => outcomeOf(end ?? endWith(error), error));
    }
  }

  #onHeaders(attempt: Attempt, metadata: Metadata): void {
    if (this.#winner !== undefined || this.#end !== undefined) return;
    this.#winner = attempt;
    this.#cancelRunning(attempt);
    this.#listener.onHeaders(metadata);
  }

  #cancelRunning(except?: Attempt): void {
    for (const attempt of this.#running()) {
      if (attempt === except) continue;
      // Nobody may be waiting for it, and a rejection that nobody handles ends the process.
      attempt.result?.catch(() => {});
      attempt.cancel(attemptSuperseded);
    }
  }

  /** Passes on the result of the interceptor. @returns how the call ends. @throws ProtocolError for a wrong result */
  #endWith(result: unknown): CallEnd {
    const { path, singleResponse, desc } = this.#method;
    const end = this.#attempts.findLast((attempt) => attempt.end?.status === Status.OK)?.end ?? okWithoutServer;
    if (singleResponse) {
      if (Object(result) !== result) throw new ProtocolError(noResponse(path));
      this.#responses.readFrom(oneResponse(create(desc.output, result as Record<string, unknown>)));
      return end;
    }
    if (this.#attempts.length === 0) {
      this.#responses.readFrom(new OwnResponses(desc.output, result));
      return end;
    }
    if (result !== undefined) throw new ProtocolError(twoAnswers(path));
    if (this.#running().length > 0) throw new ProtocolError(notAwaited(path));
    return end;
  }

  #finish(end: CallEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    if (this.#attempts.length === 0) this.#view.learn(() => outcomeOf(end, end.error));
    this.#cancelRunning();
    this.#responses.finish(end);
  }
}

const okWithoutServer: CallEnd = { status: Status.OK, origin: "client" };

/** Methods of stubs have a contract. A decorator may start calls of methods without one. */
function calledMethod(method: Method): CalledMethod {
  return "contract" in method ? (method as CalledMethod) : { ...method, contract: undefined };
}
