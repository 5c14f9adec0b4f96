import type { Message } from "@bufbuild/protobuf";
import { markHandled } from "../core/mark-handled.js";
import type { Metadata } from "../core/metadata.js";
import type { Replace } from "../core/replace-message.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { GRPCError } from "../errors/error.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { RetriedRequest } from "../transport/client.js";
import { type Attempt, endBehindOneOf } from "./attempt.js";
import { HeldRequests, type RequestReceiver, receiverOf } from "./held-requests.js";
import type { AroundAttempt, Intercepted } from "./intercepted.js";
import type { ClientResult } from "./interceptor.js";
import { alreadyRunning, headersArrived, requestsNotKept } from "./interceptor-misuse.js";
import type { InterceptorView } from "./interceptor-view.js";
import { attemptSuperseded, endWith } from "./outcome.js";

/** The run that attempts belong to. */
export interface RunOfAttempts extends Attempt {
  readonly around: AroundAttempt;
  onUnreadable(failure: CallEnd): void;
}

/** A shared placeholder until an attempt starts. */
const none: readonly Attempt[] = [];
const noErrors: readonly Error[] = [];

/**
 * The inner side of an interceptor's run: the attempts that its `next()` has started, in order.
 *
 * Requests go to all attempts that are not over, see `HeldRequests`. A single
 * response is the result of `next()`. Streamed responses go straight to the caller,
 * see `ResponseRelay`, through `passOut()` of each run on their way.
 */
export class Attempts implements AroundAttempt {
  readonly #call: Intercepted;
  readonly #view: InterceptorView;
  readonly #run: RunOfAttempts;
  readonly requests: HeldRequests;
  /** The last one that was started. */
  latest: Attempt | undefined;
  /** Those before it. The list is replaced when it changes. */
  #earlier = none;
  /** The attempt whose headers the caller has got. */
  #winner: Attempt | undefined;
  /** The attempt whose streamed responses the caller gets, unless its `next()` has rejected. */
  #streaming: Attempt | undefined;
  /** Why one of these responses cannot be read. */
  unreadable: CallEnd | undefined;
  /** How the last one that succeeded ended, if any has. */
  success: CallEnd | undefined;
  /** Its response, if the method has a single one. */
  response: Message | undefined;
  /** The errors of those that have failed, in that order. One that was superseded by another has not. */
  errors: readonly Error[] = noErrors;

  constructor(call: Intercepted, view: InterceptorView, run: RunOfAttempts) {
    this.#call = call;
    this.#view = view;
    this.#run = run;
    this.requests = new HeldRequests(call.method.desc.input);
  }

  /** Starts an attempt. @returns the promise that `next()` returns */
  start(): Promise<ClientResult> {
    try {
      this.#checkNext();
      this.#view.begin();
    } catch (error) {
      return markHandled(Promise.reject(error));
    }
    const attempt = this.#call.inside(this);
    if (this.latest !== undefined) this.#earlier = [...this.#earlier, this.latest];
    this.latest = attempt;
    const result = new Promise<ClientResult>((resolve) => {
      attempt.resolve = resolve;
    });
    attempt.result = result;
    if (!this.#call.method.singleResponse) {
      this.#streaming = attempt;
      this.unreadable = undefined;
      this.#call.responses.readFrom(undefined);
    }
    attempt.start();
    this.requests.sendAll(attempt, this.#view.requests, this);
    return result;
  }

  #checkNext(): void {
    const { path, singleResponse } = this.#call.method;
    if (this.#answered) throw new ProtocolError(headersArrived(path));
    if (!this.requests.complete) throw new ProtocolError(requestsNotKept(path));
    if (!singleResponse && this.running !== undefined) throw new ProtocolError(alreadyRunning(path));
  }

  /** Whether the caller has got headers or a response. Some transports deliver responses without headers. */
  get #answered(): boolean {
    return this.#winner !== undefined || this.#call.responses.delivered;
  }

  /** Whether no further attempt can start. */
  get committed(): boolean {
    return this.#answered || !this.requests.complete;
  }

  get count(): number {
    return this.latest === undefined ? 0 : this.#earlier.length + 1;
  }

  get peer(): string | undefined {
    return (this.#winner ?? this.latest)?.peer;
  }

  /** Those that are not over. `undefined` if there are none. No list, because hardly any call has more than one. */
  get running(): RequestReceiver | undefined {
    const { latest } = this;
    if (this.#earlier.length === 0) return latest?.over === false ? latest : undefined;
    return receiverOf(this.#all.filter(isRunning));
  }

  get #all(): readonly Attempt[] {
    return this.latest === undefined ? none : [...this.#earlier, this.latest];
  }

  cancelRunning(end: CallEnd, except?: Attempt): void {
    for (const attempt of this.#earlier) if (attempt !== except) cancel(attempt, end);
    if (this.latest !== except) cancel(this.latest, end);
  }

  /** How a call ends whose interceptor throws this error, which may be that of one of the attempts. */
  endWith(error: unknown): CallEnd {
    return endBehindOneOf(this.#all, error) ?? endWith(error);
  }

  get indexInside(): number {
    return this.#run.around.indexInside + 1;
  }

  get metadataToSend(): Metadata | undefined {
    return this.#view.metadataToSend;
  }

  get attemptsBefore(): number {
    return this.#view.previousAttempts + this.count;
  }

  get retried(): RetriedRequest | undefined {
    return this.#view.retried;
  }

  get replaceResponse(): Replace | undefined {
    return this.#view.replaceResponse;
  }

  onAttemptHeaders(attempt: Attempt, metadata: Metadata): void {
    if (this.#winner !== undefined || this.#run.over) return;
    this.#winner = attempt;
    this.requests.release();
    this.cancelRunning(attemptSuperseded, attempt);
    this.#run.around.onAttemptHeaders(this.#run, metadata);
  }

  passOut(attempt: Attempt, response: Message): Message | undefined {
    let passed = response;
    try {
      passed = this.replaceResponse?.(response) ?? response;
    } catch (error) {
      if (attempt.over) this.onUnreadable(attempt, endWith(error));
      else attempt.fail(error);
      return undefined;
    }
    return this.#run.around.passOut(this.#run, passed);
  }

  onUnreadable(attempt: Attempt, failure: CallEnd): void {
    if (attempt !== this.#streaming) return;
    this.unreadable = failure;
    this.#run.onUnreadable(failure);
  }

  onAttemptOver(attempt: Attempt): void {
    const { end } = attempt;
    if (end?.status === Status.OK) {
      this.success = end;
      attempt.resolve?.(this.#resultOf(attempt, end));
    } else attempt.resolve?.(this.#failureOf(attempt));
  }

  #resultOf(attempt: Attempt, end: CallEnd): ClientResult | Promise<never> {
    try {
      const result = this.#call.method.singleResponse ? this.#responseOf(attempt) : this.#checkStream();
      this.#learn(end);
      return result;
    } catch (error) {
      return Promise.reject(this.#failed(attempt, error));
    }
  }

  #responseOf(attempt: Attempt): Message {
    const response = attempt.takeOnly();
    this.response = this.replaceResponse?.(response) ?? response;
    return this.response;
  }

  /** @throws the error of a response that cannot be read */
  #checkStream(): undefined {
    if (this.unreadable !== undefined) throw this.unreadable.error;
  }

  /** Rejects with the error of an attempt that has failed. Its stack shows who awaits `next()`. */
  async #failureOf(attempt: Attempt): Promise<undefined> {
    // The promise of next() adopts this one, and the `await` of the interceptor follows that, after two microtasks.
    await Promise.resolve();
    await Promise.resolve();
    try {
      attempt.throwIfFailed();
    } catch (error) {
      throw this.#failed(attempt, error);
    }
  }

  /** `next()` rejects. @returns the error */
  #failed(attempt: Attempt, error: unknown): unknown {
    // An interceptor need not await next() at once, and a rejection that nobody handles would end the process. Not
    // before the error is created: its stack shows who awaits next() only while there is one reaction.
    attempt.result?.catch(() => {});
    if (error instanceof GRPCError && attempt.end !== attemptSuperseded) this.errors = [...this.errors, error];
    if (this.#streaming === attempt) {
      this.#streaming = undefined;
      this.unreadable = undefined;
    }
    this.#learn(this.endWith(error), () => error);
    return error;
  }

  #learn(end: CallEnd, error?: () => unknown): void {
    if (!this.#run.over && this.running === undefined) this.#view.learn(end, error);
  }
}

const isRunning = (attempt: Attempt): boolean => !attempt.over;

function cancel(attempt: Attempt | undefined, end: CallEnd): void {
  if (attempt === undefined || attempt.over) return;
  // Nobody may be waiting for it, and a rejection that nobody handles ends the process.
  attempt.result?.catch(() => {});
  attempt.cancel(end);
}
