import type { Message } from "@bufbuild/protobuf";
import type { Metadata } from "../core/metadata.js";
import { asMessage } from "../core/replace-message.js";
import type { CallEnd } from "../errors/call-end.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { CallRequest, OutgoingCall, PendingReason, ResponseListener, Transport } from "../transport/client.js";
import { Attempt } from "./attempt.js";
import { attemptOptions } from "./attempt-options.js";
import { Attempts } from "./attempts.js";
import { type CalledMethod, calledMethod } from "./called-method.js";
import { HeldRequests } from "./held-requests.js";
import type { ClientInterceptor, ClientResult } from "./interceptor.js";
import {
  alreadyReturned,
  alreadyRunning,
  headersArrived,
  noResponse,
  notAwaited,
  requestsNotKept,
  twoAnswers,
} from "./interceptor-misuse.js";
import { InterceptorView, type ViewedCall } from "./interceptor-view.js";
import { attemptSuperseded, callerCancelled, errorOf, okWithoutServer, outcomeOf } from "./outcome.js";
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
  readonly #request: CallRequest;
  readonly #listener: ResponseListener;
  readonly #method: CalledMethod;
  readonly #view: InterceptorView;
  readonly #requests: HeldRequests;
  readonly #responses: ResponseRelay;
  readonly #attempts = new Attempts();
  /** The attempt whose headers the caller has got. */
  #winner: Attempt | undefined;
  #latest: Attempt | undefined;
  /** Whether the caller waits until it may send the next request. */
  #waiting = false;
  /** Whether the interceptor has returned or thrown. */
  #returned = false;
  /** How the call has ended; `undefined` while it is not over. */
  #end: CallEnd | undefined;

  constructor(layer: Layer, request: CallRequest, listener: ResponseListener) {
    this.#layer = layer;
    this.#request = request;
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
      this.#returned = true;
      if (this.#end !== undefined) return;
      const end = this.#endWith(result);
      this.#finish(end instanceof Promise ? await end : end);
    } catch (error) {
      this.#returned = true;
      // A function that is not async may throw before start() has returned.
      await Promise.resolve();
      this.#finish(this.#attempts.endWith(error), error);
    }
  }

  get peer(): string | undefined {
    return (this.#winner ?? this.#latest)?.peer;
  }

  get attempts(): readonly Error[] {
    const inner = this.#latest?.over === false ? this.#latest.outgoing?.attempts : undefined;
    return [...this.#attempts.errors, ...(inner ?? [])];
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
    if (attempt !== undefined && !attempt.over) return attempt.outgoing?.whyPending?.();
    const { name } = this.#layer.interceptor;
    return { activity: `waiting for ${name === "" ? "an interceptor" : `the interceptor ${name}`}` };
  }

  send(message: Message, last: boolean, compress?: boolean): boolean {
    // The interceptor has answered without a server, so nobody needs the requests.
    if (this.#returned) return true;
    const waiting = this.#requests.add(message, last, compress, this.#attempts.running);
    if (waiting === undefined && this.#attempts.running.length > 0) return true;
    this.#waiting = true;
    void waiting?.then(() => this.#drained());
    return false;
  }

  end(): void {
    this.#requests.end(this.#attempts.running);
  }

  pull(): void {
    this.#responses.pull();
  }

  cancel(end: CallEnd = callerCancelled): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#requests.release();
    const error = () => errorOf({ end }, { method: this.#method, peer: this.peer });
    this.#view.abort(error);
    this.#view.learn(() => outcomeOf(end, error()));
    this.#attempts.cancelRunning(end);
    this.#responses.cancel();
  }

  /** Without an attempt, the next request has to wait for one, or until the interceptor returns. */
  #drained(): void {
    if (!this.#waiting || (this.#attempts.running.length === 0 && !this.#returned)) return;
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
    const options = attemptOptions(this.#view, this.#request, this.#attempts.count);
    const attempt = new Attempt(this.#method, options, (metadata) => this.#onHeaders(attempt, metadata));
    return this.#attempts.add(attempt, (started) => this.#resultOf(started));
  }

  #checkNext(): void {
    const { path, singleResponse } = this.#method;
    if (this.#returned) throw new ProtocolError(alreadyReturned(path));
    if (this.#end !== undefined) throw errorOf({ end: this.#end }, { method: this.#method, peer: this.peer });
    if (this.#answered) throw new ProtocolError(headersArrived(path));
    if (!this.#requests.complete) throw new ProtocolError(requestsNotKept(path));
    if (!singleResponse && this.#attempts.running.length > 0) throw new ProtocolError(alreadyRunning(path));
  }

  async #resultOf(attempt: Attempt): Promise<ClientResult> {
    this.#latest = attempt;
    attempt.start(this.#layer.transport);
    const { replaceResponse } = this.#view;
    const streamed = this.#method.singleResponse ? undefined : new AttemptResponses(attempt, replaceResponse);
    if (streamed !== undefined) this.#responses.readFrom(streamed);
    const waiting = this.#requests.sendAll(attempt, this.#view.requests);
    if (waiting === undefined) this.#drained();
    else void waiting.then(() => this.#drained());
    if (!attempt.over) await attempt.untilOver();
    try {
      const response = streamed === undefined ? attempt.responses.takeOnly() : streamed.succeed();
      const result = response === undefined ? undefined : (replaceResponse?.(response) ?? response);
      this.#learn(attempt.end ?? okWithoutServer);
      return result;
    } catch (error) {
      this.#attempts.onFailure(attempt, error);
      this.#learn(this.#attempts.endWith(error), error);
      throw error;
    }
  }

  /** An attempt is over. */
  #learn(end: CallEnd, error?: unknown): void {
    if (this.#end === undefined && this.#attempts.running.length === 0) this.#view.learn(() => outcomeOf(end, error));
  }

  #onHeaders(attempt: Attempt, metadata: Metadata): void {
    if (this.#winner !== undefined || this.#end !== undefined) return;
    this.#winner = attempt;
    this.#requests.release();
    this.#attempts.cancelRunning(attemptSuperseded, attempt);
    this.#listener.onHeaders(metadata);
  }

  /** Passes on the result of the interceptor. @returns how the call ends. @throws ProtocolError for a wrong result */
  #endWith(result: unknown): CallEnd | Promise<CallEnd> {
    const { path, singleResponse, desc } = this.#method;
    const end = this.#attempts.success ?? okWithoutServer;
    if (singleResponse) {
      const response = asMessage(desc.output, result);
      if (response === undefined) throw new ProtocolError(noResponse(path, result));
      this.#responses.readFrom(oneResponse(response));
      return end;
    }
    if (this.#attempts.count === 0) {
      const responses = new OwnResponses(desc.output, result);
      this.#responses.readFrom(responses);
      this.#requests.release();
      this.#drained();
      return responses.untilRead.then(() => end);
    }
    if (result !== undefined) throw new ProtocolError(twoAnswers(path));
    if (this.#attempts.running.length > 0) throw new ProtocolError(notAwaited(path));
    return end;
  }

  /** @param error what the interceptor has thrown */
  #finish(end: CallEnd, error: unknown = end.error): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#requests.release();
    if (!this.#view.learned) this.#view.learn(() => outcomeOf(end, error));
    this.#attempts.cancelRunning(attemptSuperseded);
    this.#responses.finish(end);
  }
}
