import type { Message } from "@bufbuild/protobuf";
import { bindContext } from "../core/bind-context.js";
import { isError } from "../core/is-error.js";
import { Status } from "../core/status.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { type CallOutcome, KnownOutcome } from "../errors/call-outcome.js";
import { GRPCError } from "../errors/error.js";
import type { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import type { IncomingCall, RequestHead } from "../transport/server.js";
import { ServerCall } from "./call.js";
import { isCausedBy } from "./caused-by.js";
import type { Trailers } from "./context.js";
import type { Failure } from "./intercepted-context.js";
import { type CallToIntercept, Interception } from "./interception.js";
import { answerTo, isWithheld, reportAnswer } from "./outcome.js";
import type { ServedMethod } from "./served-method.js";

/**
 * An incoming call of a server that has interceptors. They run from the headers
 * on, and the handler runs inside them. The call ends with their result, unless the
 * deadline, a request that cannot be read, or the loss of the client ends it first.
 */
export class InterceptedServerCall extends ServerCall implements CallToIntercept {
  readonly #method: ServedMethod;
  readonly #interception: Interception;
  /** Whether the call was over before the interceptors ran. */
  #refused = false;
  /** Whether a response has been sent. */
  #responded = false;
  /** What the handler has thrown. */
  #handlerFailure: Failure | undefined;
  /** Runs the handler in the async context in which the innermost interceptor has called `next()`. */
  #runHandler: ((input: unknown) => Promise<void>) | undefined;

  constructor(method: ServedMethod, incoming: IncomingCall, head: RequestHead) {
    super(method, incoming, head);
    this.#method = method;
    this.#interception = new Interception(method.interceptors, this.context, this);
  }

  protected override begin(): void {
    this.#refused = this.over;
    this.#interception.run();
  }

  intercepted(failure: Failure | undefined): void {
    if (failure !== undefined) this.#onInterceptorThrown(failure.reason, this.#refused);
    else if (!this.over) this.end({ status: Status.OK });
  }

  /** @param refused whether mistakes of the interceptors do not result from the end of the call */
  #onInterceptorThrown(error: unknown, refused: boolean): void {
    const reason = this.cancelReason;
    if (reason === undefined) return this.onThrown(error);
    // An answer of the interceptor comes too late. Clients can cause that, so it is not reported.
    const byHandler = this.#handlerFailure?.reason === error;
    if (!byHandler && !isWithheld(answerTo(error, this.#method, this))) return;
    if (!refused) this.onThrown(error);
    else if (!isCausedBy(error, reason)) this.report(error);
  }

  beginHandler(): void {
    this.#runHandler = bindContext((input) => (this.over ? this.handlerLate() : super.runHandler(input)));
    super.begin();
  }

  protected override runHandler(input: unknown): void {
    void this.#runHandler?.(input);
  }

  get lacksResponse(): boolean {
    return this.#method.singleResponse && !this.#responded;
  }

  outcomeOf(error: unknown): CallOutcome {
    return this.#result(answerTo(error, this.#method, this).trailers, error);
  }

  onLateError(error: unknown): void {
    this.#onInterceptorThrown(error, false);
  }

  protected override answer(trailers: Trailers, error: unknown): void {
    // What runs inside an interceptor must not continue without it.
    if (this.#interception.pending > 0) return this.refuse(trailers, errorIn(error));
    this.#interception.end(() => this.#result(trailers, error));
    this.end(trailers);
  }

  override onMessage(message: Message): void {
    const { replaceRequest } = this.#interception;
    if (replaceRequest === undefined || this.over) return super.onMessage(message);
    let replaced: Message;
    try {
      replaced = replaceRequest(message);
    } catch (error) {
      const answer = answerTo(error, this.#method, { context: this.context, handlerStarted: false });
      reportAnswer(answer, this);
      this.refuse(answer.trailers, errorIn(error));
      // Answers the reader that waits for this request.
      return this.onMessagesEnd();
    }
    super.onMessage(replaced);
  }

  override onClientLost(error: StreamTerminatedError): void {
    super.onClientLost(error);
    // Has no effect if the call has ended, for example with its deadline.
    const lost = { status: Status.CANCELLED, message: error.message, details: [], endedBy: "client", error } as const;
    this.#interception.end(() => new KnownOutcome(lost));
  }

  override take(response: unknown): Promise<void> | undefined {
    const waiting = this.send(response, this.#interception.replaceResponse);
    this.#responded = true;
    return waiting;
  }

  override end(trailers: Trailers): void {
    // An interceptor may end the call with OK although that cancels the handler.
    this.#interception.end(() => this.#result(trailers, trailers.status === Status.OK ? undefined : this.cancelReason));
    super.end(trailers);
  }

  protected override handlerSucceeded(): void {
    this.#interception.handlerDone();
  }

  protected override handlerFailed(error: unknown): void {
    this.#handlerFailure = { reason: error };
    this.#interception.handlerDone(this.#handlerFailure);
  }

  protected override handlerLate(): void {
    const reason = this.cancelReason;
    this.#interception.handlerDone(reason && { reason });
  }

  #result({ status, message, details = [] }: Trailers, error: unknown): CallOutcome {
    // The error of an outgoing call is not one of this call.
    const own = tryOrUndefined(() => (error instanceof GRPCError && error.origin === undefined ? error : undefined));
    const declared = () => this.#method.contract?.match({ status, code: undefined, details });
    return new KnownOutcome({ status, message, details, endedBy: "server", error }, own, declared);
  }
}

/** What was thrown, if it is an error. A Proxy may throw on any access. */
function errorIn(thrown: unknown): Error | undefined {
  return tryOrUndefined(() => (isError(thrown) ? thrown : undefined));
}
