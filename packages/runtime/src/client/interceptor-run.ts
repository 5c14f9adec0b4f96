import type { Message } from "@bufbuild/protobuf";
import { asMessage } from "../core/as-message.js";
import { markHandled } from "../core/mark-handled.js";
import { Metadata } from "../core/metadata.js";
import type { CallEnd } from "../errors/call-end.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { PendingReason } from "../transport/client.js";
import { type Attempt, rememberFailure } from "./attempt.js";
import { Attempts, type RunOfAttempts } from "./attempts.js";
import type { AroundAttempt, Intercepted } from "./intercepted.js";
import type { ClientInterceptor, ClientResult } from "./interceptor.js";
import { alreadyReturned, noResponse, notAwaited, notCreated, twoAnswers } from "./interceptor-misuse.js";
import { InterceptorView, type ViewedRun } from "./interceptor-view.js";
import { untilNextTurn } from "./next-turn.js";
import {
  attemptSuperseded,
  cancellationBy,
  endBeforeStart,
  endOf,
  errorOf,
  type Outcome,
  okEnd,
  okWithoutServer,
} from "./outcome.js";
import { OwnResponses } from "./response-sources.js";

/**
 * One interceptor at work on a call. Each `next()` starts an attempt inside, see
 * `Attempts`, and to what is around it, the run is an attempt itself. It is over
 * when the interceptor has returned or thrown, or when it is cancelled.
 */
export class InterceptorRun implements Attempt, RunOfAttempts, ViewedRun {
  readonly #call: Intercepted;
  readonly #interceptor: ClientInterceptor;
  readonly around: AroundAttempt;
  readonly #view: InterceptorView;
  readonly #attempts: Attempts;
  result: Promise<ClientResult> | undefined;
  resolve: Attempt["resolve"];
  /** Whether the interceptor has returned or thrown. */
  #returned = false;
  /** The only response. */
  #response: Message | undefined;
  /** The streamed responses that the interceptor has returned instead of calling `next()`. */
  #ownResponses: OwnResponses | undefined;
  /** `undefined` while the run is not over. */
  #outcome: Outcome | undefined;

  constructor(call: Intercepted, interceptor: ClientInterceptor, around: AroundAttempt) {
    this.#call = call;
    this.#interceptor = interceptor;
    this.around = around;
    this.#view = new InterceptorView(call, around, this);
    this.#attempts = new Attempts(call, this.#view, this);
  }

  start(): void {
    const end = endBeforeStart(this.#call);
    if (end === undefined) this.run();
    else this.#settle({ end });
  }

  /** Runs the interceptor. Not an async function, which would allocate more. */
  run(): void {
    this.#result().then(
      (result) => this.#onReturned(result),
      (error) => this.#onThrown(error),
    );
  }

  #result(): Promise<unknown> {
    const interceptor = this.#interceptor;
    try {
      return Promise.resolve(interceptor(this.#view, () => this.#next()));
    } catch (error) {
      // A function that is not async has thrown. start() must return before that ends the run.
      return Promise.reject(error);
    }
  }

  /** What the interceptor calls to send the call. It need not await the promise at once. */
  #next(): Promise<ClientResult> {
    if (this.#returned) return markHandled(Promise.reject(new ProtocolError(alreadyReturned(this.#call.method.path))));
    if (this.#outcome === undefined) return this.#attempts.start();
    return markHandled(Promise.reject(this.#errorOf({ end: cancellationBy(this.#outcome) })));
  }

  get over(): boolean {
    return this.#outcome !== undefined;
  }

  get end(): CallEnd | undefined {
    return endOf(this.#outcome);
  }

  throwIfFailed(): void {
    const outcome = this.#outcome;
    if (outcome === undefined || okEnd(outcome) !== undefined) return;
    throw rememberFailure(this, this.#errorOf(outcome), this.end);
  }

  takeOnly(): Message {
    return this.#response as Message;
  }

  get peer(): string | undefined {
    return this.#attempts.peer;
  }

  get committed(): boolean {
    return this.#attempts.committed;
  }

  whyPending(): PendingReason | undefined {
    const attempt = this.#attempts.latest;
    if (attempt !== undefined && !attempt.over) return attempt.whyPending();
    const { name } = this.#interceptor;
    return { activity: `waiting for ${name === "" ? "an interceptor" : `the interceptor ${name}`}` };
  }

  get attempts(): readonly Error[] {
    const { errors, latest } = this.#attempts;
    return latest?.over === false ? [...errors, ...latest.attempts] : errors;
  }

  send(message: Message, last: boolean, compress: boolean | undefined): Promise<void> | undefined {
    // An interceptor that has answered does not need the requests. A loop that sends them must not block the event loop.
    if (this.over || this.#returned) return untilNextTurn();
    return this.#attempts.requests.add(message, last, compress, this.#attempts);
  }

  endRequests(): void {
    if (!this.over) this.#attempts.requests.end(this.#attempts);
  }

  /** If `next()` or the interceptor is still pending, that is how they end. */
  onUnreadable(failure: CallEnd): void {
    if (okEnd(this.#outcome) === undefined) return;
    this.#outcome = { end: failure };
    this.around.onUnreadable(this, failure);
  }

  cancel(end: CallEnd): void {
    this.#abort({ end });
  }

  fail(error: unknown): void {
    this.#abort({ thrown: error });
  }

  #abort(outcome: Outcome): void {
    if (this.over) return;
    // First of all, because user code may call next() meanwhile.
    this.#outcome = outcome;
    const end = cancellationBy(outcome);
    const error = () => this.#errorOf({ end });
    this.#view.abort(error);
    this.#view.learn(end, error);
    this.#attempts.cancelRunning(end);
    if (this.#ownResponses !== undefined) this.#call.responses.leave(this.#ownResponses);
    this.#settle(outcome);
  }

  #errorOf(outcome: Outcome): unknown {
    return errorOf(outcome, { method: this.#call.method, peer: this.peer });
  }

  #onReturned(result: unknown): void {
    this.#returned = true;
    if (this.over) return;
    try {
      this.#answer(result);
    } catch (error) {
      this.#onThrown(error);
    }
  }

  /** @throws ProtocolError if the interceptor has returned something wrong */
  #answer(result: unknown): void {
    const { around } = this;
    const { path, singleResponse, desc } = this.#call.method;
    if (typeof result === "function") throw new ProtocolError(notCreated(path, result, this.#interceptor.name));
    if (singleResponse) {
      this.#response = asMessage(desc.output, result);
      if (this.#response === undefined) throw new ProtocolError(noResponse(path, result));
    } else if (this.#attempts.count === 0) {
      return this.#answerWith(new OwnResponses(desc.output, result, (response) => around.passOut(this, response)));
    } else {
      if (result !== undefined) throw new ProtocolError(twoAnswers(path));
      if (this.#attempts.running !== undefined) throw new ProtocolError(notAwaited(path));
    }
    this.#finish(this.#attempts.unreadable ?? this.#attempts.success ?? okWithoutServer);
  }

  #onThrown(error: unknown): void {
    this.#returned = true;
    this.#finish(this.#attempts.endWith(error), () => error);
  }

  #answerWith(responses: OwnResponses): void {
    this.#ownResponses = responses;
    this.#call.responses.readFrom(responses);
    // There are no headers to wait for.
    this.around.onAttemptHeaders(this, new Metadata());
    this.#attempts.requests.release();
    this.#attempts.requests.releaseSenders();
    responses.untilRead.then(
      () => this.#finish(okWithoutServer),
      (error) => this.#onThrown(error),
    );
  }

  /** @param error what the interceptor has thrown */
  #finish(end: CallEnd, error?: () => unknown): void {
    if (this.over) return;
    this.#outcome = { end };
    if (!this.#view.learned) this.#view.learn(end, error);
    this.#attempts.cancelRunning(attemptSuperseded);
    this.#settle(this.#outcome);
  }

  #settle(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#attempts.requests.release();
    this.#attempts.requests.releaseSenders();
    this.around.onAttemptOver(this);
  }
}
