import type { Message } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import type { CallFailure } from "../errors/call-end.js";
import { GRPCError } from "../errors/error.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import { Inbox } from "../flow/inbox.js";
import { type ItemSink, Iteration } from "../flow/iteration.js";
import type { IncomingCall, RequestHead, RequestListener } from "../transport/server.js";
import { CallContext, type EndableCall } from "./call-context.js";
import { isCausedBy } from "./caused-by.js";
import { TRAILERS_SENT, type Trailers } from "./context.js";
import { answerTo, encodeTrailers } from "./outcome.js";
import { Requests } from "./requests.js";
import { ResponseHalf } from "./response-half.js";
import type { ServedMethod } from "./served-method.js";

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
  readonly #method: ServedMethod;
  readonly #incoming: IncomingCall;
  readonly #response: ResponseHalf;
  readonly #context: CallContext;
  /** The requests of a streaming method. */
  readonly #inbox: Inbox | undefined;
  /** The request of a method with a single request. */
  #onlyRequest: Message | undefined;
  /** The messages that the handler of a streaming method yields. */
  #responses: Iteration | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(method: ServedMethod, incoming: IncomingCall, head: RequestHead) {
    this.#method = method;
    this.#incoming = incoming;
    const response = new ResponseHalf(method, incoming);
    this.#response = response;
    this.#context = new CallContext({ method, head, response, call: this });
    this.#inbox = method.singleRequest ? undefined : new Inbox(incoming, method.takeTurn);
  }

  start(): this {
    const { deadline } = this.#context;
    if (deadline?.expired) {
      this.#onDeadline();
      return this;
    }
    this.#stopTimer = deadline?.onExpired(() => this.#onDeadline());
    if (this.#inbox === undefined) this.#incoming.pull();
    else void this.#run(new Requests(this.#inbox, this.#response));
    return this;
  }

  onMessage(message: Message): void {
    if (this.#inbox !== undefined) return this.#inbox.push(message);
    if (this.#onlyRequest !== undefined) return this.#refuse(wrongRequestCount(2));
    this.#onlyRequest = message;
    this.#incoming.pull();
  }

  onMessagesEnd(): void {
    this.#inbox?.end();
    if (this.#inbox !== undefined || this.#response.over) return;
    if (this.#onlyRequest === undefined) this.#refuse(wrongRequestCount(0));
    else void this.#run(this.#onlyRequest);
  }

  onDrain(): void {
    this.#response.onDrain();
  }

  onFailure({ status, message, cause }: CallFailure): void {
    this.#refuse({ status, message });
    if (cause !== undefined) this.#report(new Error(message, { cause }));
  }

  onClientLost(reason: StreamTerminatedError): void {
    if (!this.#response.over) this.#cancel(reason);
  }

  #onDeadline(): void {
    this.#refuse({ status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded" });
  }

  /** Ends the call with a status instead of the handler's answer. */
  #refuse(trailers: Trailers): void {
    if (this.#response.over) return;
    // Cancel first, so that the handler's iteration over the requests throws the reason.
    this.#cancel(new GRPCError(trailers.status, trailers.message));
    this.end(trailers);
  }

  #cancel(reason: Error): void {
    this.#response.cancel(reason);
    this.#stopTimer?.();
    this.#leaveResponses();
  }

  /** Runs the handler, and answers with its result or its error. */
  async #run(input: unknown): Promise<void> {
    // A handler of streaming requests must receive what arrives before a reset, so it does not wait for a turn.
    const turn = this.#inbox === undefined ? this.#method.takeTurn?.() : undefined;
    if (turn !== undefined) {
      await turn;
      if (this.#context.deadline?.expired) this.#onDeadline();
      if (this.#response.over) return;
    }
    try {
      const result = await this.#method.handler(input, this.#context);
      if (!this.#method.singleResponse) return this.#sendAll(result);
      if (this.#response.over) return this.#checkReturned(result);
      void this.#response.send(result);
      this.end({ status: Status.OK });
    } catch (error) {
      this.#onThrown(error);
    }
  }

  /** Sends what a generator yields. If `#run()` awaited this, its frame would stay in memory as long as the stream. */
  #sendAll(responses: unknown): void {
    this.#responses = new Iteration(iterate(responses, this.#method.path));
    void this.#responses.run(this);
  }

  get active(): boolean {
    return !this.#response.over;
  }

  take(response: unknown): Promise<void> | undefined {
    return this.#response.send(response);
  }

  done(last: unknown): void {
    this.#leaveResponses();
    if (this.#response.over) this.#checkReturned(last);
    else this.end({ status: Status.OK });
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
    this.#onThrown(error);
    // After that, because an error of the clean-up must not replace this one.
    // Stryker disable next-line OptionalChaining: only an iteration of responses fails
    leaving?.catch((late: unknown) => this.#onThrown(late));
  }

  /** Ends a generator that is suspended at a `yield`, so that its `finally` runs. */
  #leaveResponses(): void {
    this.#responses?.leave().catch((error: unknown) => this.#onThrown(error));
  }

  /** Reports a message that the handler returned after it had ended the call. */
  #checkReturned(value: unknown): void {
    if (this.#response.cancelReason !== undefined || value === undefined || value === TRAILERS_SENT) return;
    this.#report(
      new ProtocolError(
        "The handler returned a message after sendTrailingMetadata(). Return the result of that function instead.",
      ),
    );
  }

  #onThrown(error: unknown): void {
    // The error may be that of an outgoing call with the same deadline, whose timer fired before ours.
    if (this.#context.deadline?.expired && !this.#response.over) {
      this.#onDeadline();
      if (error instanceof GRPCError) return;
    }
    const reason = this.#response.cancelReason;
    if (reason !== undefined) {
      if (!isCausedBy(error, reason)) this.#report(new Error("Failed to handle cancellation", { cause: error }));
      return;
    }
    const answer = answerTo(error, this.#method);
    if (answer.report !== undefined) this.#report(answer.report.error);
    else if (this.#response.over) this.#report(error);
    if (!this.#response.over) this.end(answer.trailers);
  }

  end(trailers: Trailers): void {
    const { status, reports } = encodeTrailers(trailers, this.#response.trailingMetadataIfAny, this.#method.findSchema);
    for (const report of reports) this.#report(report);
    this.#stopTimer?.();
    this.#response.end(status);
  }

  #report(error: unknown): void {
    this.#method.onError(error, { method: this.#method.path, peer: this.#context.peer });
  }
}

function wrongRequestCount(count: number): Trailers {
  return { status: Status.UNIMPLEMENTED, message: `Expected one request message, got ${count}` };
}

function iterate(responses: unknown, method: string): AsyncIterator<unknown> {
  const start: unknown = Object(responses)[Symbol.asyncIterator];
  if (typeof start === "function") return start.call(responses);
  throw new ProtocolError(`The handler of ${method} did not return an async iterable. Make it an async generator.`);
}
