import type { Message } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import type { CallFailure, CallStatus } from "../errors/call-end.js";
import { GRPCError } from "../errors/error.js";
import type { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import { Inbox } from "../flow/inbox.js";
import { type ItemSink, Iteration } from "../flow/iteration.js";
import type { IncomingCall, RequestHead, RequestListener } from "../transport/server.js";
import { CallContext, type EndableCall } from "./call-context.js";
import { isCausedBy } from "./caused-by.js";
import { TRAILERS_SENT, type Trailers } from "./context.js";
import { answerTo, encodeTrailers, reportAnswer } from "./outcome.js";
import { Requests, wrongRequestCount } from "./requests.js";
import { messageAfterTrailers, ResponseHalf } from "./response-half.js";
import { iterateResponses } from "./response-iterator.js";
import type { ServedMethod } from "./served-method.js";
import { whyLost } from "./why-lost.js";

const deadlineExceeded = { status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded" };

/**
 * One incoming call, from its headers to its trailers.
 *
 * A handler of streaming requests starts with the call. A handler of a single
 * request starts when the request is complete and its turn has come. The call ends
 * with the first of these: the handler's answer, the deadline, a request that
 * cannot be read, or the loss of the client. All but the answer abort the
 * handler's signal. Errors that the handler throws after the end are only reported.
 */
export class ServerCall implements RequestListener, ItemSink, EndableCall {
  readonly context: CallContext;
  readonly #method: ServedMethod;
  readonly #incoming: IncomingCall;
  readonly #refusal: CallStatus | undefined;
  readonly #response: ResponseHalf;
  /** The requests of a streaming method. */
  readonly #inbox: Inbox | undefined;
  /** The request of a method with a single request. */
  #onlyRequest: Message | undefined;
  /** The messages that the handler of a streaming method yields. */
  #responses: Iteration | undefined;
  #stopTimer: (() => void) | undefined;
  /** Whether the handler has been called. */
  handlerStarted = false;

  constructor(method: ServedMethod, incoming: IncomingCall, head: RequestHead) {
    this.#method = method;
    this.#incoming = incoming;
    const response = new ResponseHalf(method, incoming);
    this.#response = response;
    this.#refusal = head.refusal;
    this.context = new CallContext({ method, head, response, call: this });
    this.#inbox = method.singleRequest ? undefined : new Inbox(incoming, method.takeTurn);
  }

  start(): this {
    const { deadline } = this.context;
    if (this.#refusal !== undefined) this.refuse({ ...this.#refusal, details: undefined });
    else if (deadline?.expired) this.refuse(deadlineExceeded);
    else this.#stopTimer = deadline?.onExpired(() => this.refuse(deadlineExceeded));
    this.begin();
    return this;
  }

  /** Receives the request, if there is a single one, and runs the handler, unless the call is over. */
  protected begin(): void {
    if (this.over) this.handlerLate();
    else if (this.#inbox === undefined) this.#incoming.pull();
    else this.runHandler(new Requests(this.#inbox, this.#response));
  }

  onMessage(message: Message): void {
    if (this.#inbox !== undefined) return this.#inbox.push(message);
    if (this.#onlyRequest !== undefined) return this.refuse(wrongRequestCount(2));
    this.#onlyRequest = message;
    this.#incoming.pull();
  }

  onMessagesEnd(): void {
    this.#inbox?.end();
    if (this.#inbox !== undefined) return;
    if (this.over) this.handlerLate();
    else if (this.#onlyRequest === undefined) this.refuse(wrongRequestCount(0));
    else this.runHandler(this.#onlyRequest);
  }

  onDrain(): void {
    this.#response.onDrain();
  }

  onFailure({ status, message, cause }: CallFailure): void {
    this.refuse({ status, message });
    if (cause !== undefined) this.report(new Error(message, { cause }));
  }

  onClientLost(lost: StreamTerminatedError): void {
    if (this.over) return;
    const reason = whyLost(lost, this.context.deadline);
    return reason instanceof GRPCError ? this.refuse(deadlineExceeded, reason) : this.#cancel(reason);
  }

  /** Ends the call with a status instead of the handler's answer. */
  refuse(trailers: Trailers, reason: Error = new GRPCError(trailers.status, trailers.message)): void {
    if (this.over) return;
    // Cancel first, so that the handler's iteration over the requests throws the reason.
    this.#cancel(reason);
    this.end(trailers);
  }

  #cancel(reason: Error): void {
    this.#response.cancel(reason);
    this.#stopTimer?.();
    this.#leaveResponses();
    if (!this.handlerStarted) this.handlerLate();
  }

  protected runHandler(input: unknown): void {
    void this.#run(input);
  }

  /** Runs the handler, and answers with its result or its error. */
  async #run(input: unknown): Promise<void> {
    // A handler of streaming requests must receive what arrives before a reset, so it does not wait for a turn.
    const turn = this.#inbox === undefined ? this.#method.takeTurn?.() : undefined;
    if (turn !== undefined) {
      await turn;
      if (this.context.deadline?.expired) this.refuse(deadlineExceeded);
      if (this.over) return this.handlerLate();
    }
    this.handlerStarted = true;
    try {
      const result = await this.#method.handler(input, this.context);
      if (!this.#method.singleResponse) return this.#sendAll(result);
      if (this.over) return this.#returnedLate(result);
      void this.take(result);
      this.handlerSucceeded();
    } catch (error) {
      this.handlerFailed(error);
    }
  }

  /** Sends what a generator yields. If `#run()` awaited this, its frame would stay in memory as long as the stream. */
  #sendAll(responses: unknown): void {
    this.#responses = new Iteration(iterateResponses(responses, this.#method.path));
    void this.#responses.run(this);
  }

  /** Whether the call has ended, perhaps before its handler did. */
  protected get over(): boolean {
    return this.#response.over;
  }

  /** Why the call was cancelled, if it was. */
  protected get cancelReason(): Error | undefined {
    return this.#response.cancelReason;
  }

  /** The handler has succeeded. */
  protected handlerSucceeded(): void {
    this.end({ status: Status.OK });
  }

  /** The handler has failed. */
  protected handlerFailed(error: unknown): void {
    this.onThrown(error);
  }

  /** The handler has returned although the call is over, or will not run because of that. */
  protected handlerLate(): void {}

  get active(): boolean {
    return !this.over;
  }

  take(response: unknown): Promise<void> | undefined {
    return this.send(response);
  }

  protected send(response: unknown, replace?: (message: Message) => Message): Promise<void> | undefined {
    return this.#response.send(response, replace);
  }

  done(last: unknown): void {
    this.#leaveResponses();
    if (this.over) this.#returnedLate(last);
    else this.handlerSucceeded();
  }

  failed(error: unknown): void {
    void this.#failAfterCleanUp(error);
  }

  async #failAfterCleanUp(error: unknown): Promise<void> {
    const leaving = this.#responses?.leave();
    // A generator is ended in the next microtask, and its `finally` starts in the one after that. The trailers include
    // the metadata that it adds synchronously.
    await Promise.resolve();
    await Promise.resolve();
    this.handlerFailed(error);
    // After that, because an error of the clean-up must not replace this one.
    // Stryker disable next-line OptionalChaining: only an iteration of responses fails
    leaving?.catch((late: unknown) => (this.over ? this.onThrown(late) : this.report(late)));
  }

  /** Ends a generator that is suspended at a `yield`, so that its `finally` runs. */
  #leaveResponses(): void {
    this.#responses?.leave().catch((error: unknown) => this.onThrown(error));
  }

  /** The handler has returned after the end of the call: a message is reported if the handler itself ended the call. */
  #returnedLate(value: unknown): void {
    const follows = value !== undefined && value !== TRAILERS_SENT;
    if (follows && this.cancelReason === undefined) this.report(messageAfterTrailers());
    this.handlerLate();
  }

  /** Answers with an error, or reports it. */
  protected onThrown(error: unknown): void {
    // The error may be that of an outgoing call with the same deadline, whose timer fired before ours.
    if (this.context.deadline?.expired && !this.over) {
      this.refuse(deadlineExceeded);
      if (error instanceof GRPCError) return;
    }
    const reason = this.cancelReason;
    if (reason !== undefined) {
      if (!isCausedBy(error, reason)) this.report(new Error("Failed to handle cancellation", { cause: error }));
      return;
    }
    const answer = answerTo(error, this.#method, this);
    const reported = reportAnswer(answer, this);
    if (!this.over) this.answer(answer.trailers, error);
    else if (!reported) this.report(error);
  }

  /** Ends the call because of an error. */
  protected answer(trailers: Trailers, _error: unknown): void {
    this.end(trailers);
  }

  end(trailers: Trailers): void {
    const { status, reports } = encodeTrailers(trailers, this.#response.trailingMetadataIfAny, this.#method.findSchema);
    for (const report of reports) this.report(report);
    this.#stopTimer?.();
    this.#response.end(status);
  }

  report(error: unknown): void {
    this.#method.onError(error, { method: this.#method.path, peer: this.context.peer });
  }
}
