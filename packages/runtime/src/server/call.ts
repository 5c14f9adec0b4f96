import { create, type Message } from "@bufbuild/protobuf";
import { GRPCError } from "../core/error.js";
import { Inbox } from "../core/inbox.js";
import { type ItemSink, Iteration } from "../core/iteration.js";
import { ProtocolError } from "../core/protocol-error.js";
import { Status } from "../core/status.js";
import { StreamTerminatedError } from "../core/stream-terminated-error.js";
import type { CallFailure, IncomingCall, RequestHead, RequestListener } from "../transport/server.js";
import { CallContext } from "./call-context.js";
import { isCausedBy } from "./caused-by.js";
import { TRAILERS_SENT, type Trailers } from "./context.js";
import { answerTo, encodeTrailers, type TrailerOptions } from "./outcome.js";
import type { OnError } from "./report.js";
import { Requests } from "./requests.js";
import type { ServiceMethod } from "./service.js";
import { takeTurn } from "./turns.js";

/** A method as a server runs it, with what its calls share. */
export interface ServedMethod extends ServiceMethod, TrailerOptions {
  readonly relayErrors: boolean;
  readonly onError: OnError;
}

/** One incoming call, from its headers to its trailers. */
export class ServerCall implements RequestListener, ItemSink {
  readonly #method: ServedMethod;
  readonly #stream: IncomingCall;
  readonly #context: CallContext;
  /** The requests of a streaming method. */
  readonly #inbox: Inbox | undefined;
  #requestCount = 0;
  #onlyRequest: Message | undefined;
  #drained: (() => void) | undefined;
  #responses: Iteration | undefined;
  #stopTimer: (() => void) | undefined;

  /** Starts the call: the handler of a streaming request runs now, others in their turn when their request is there. */
  constructor(method: ServedMethod, stream: IncomingCall, head: RequestHead) {
    this.#method = method;
    this.#stream = stream;
    this.#context = new CallContext(method, stream, head, (trailers) => this.#end(trailers));
    this.#inbox = method.singleRequest ? undefined : new Inbox(stream, takeTurn);
    const { deadline } = this.#context;
    if (deadline?.expired) this.#onDeadline();
    else this.#stopTimer = deadline?.onExpired(() => this.#onDeadline());
    if (this.#over) return;
    if (this.#inbox === undefined) stream.pull();
    else void this.#run(new Requests(this.#inbox, this.#context));
  }

  onMessage(message: Message): void {
    if (this.#inbox !== undefined) return this.#inbox.push(message);
    this.#requestCount += 1;
    if (this.#requestCount > 1) return this.#refuse(wrongRequestCount(this.#requestCount));
    this.#onlyRequest = message;
    this.#stream.pull();
  }

  onRequestsEnd(): void {
    this.#inbox?.end();
    if (this.#inbox !== undefined || this.#over) return;
    if (this.#requestCount === 1) void this.#run(this.#onlyRequest);
    else this.#refuse(wrongRequestCount(this.#requestCount));
  }

  onDrain(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  onFailure({ status, message, cause }: CallFailure): void {
    this.#refuse({ status, message });
    if (cause !== undefined) this.#report(new Error(message, { cause }));
  }

  onTerminated(code: number | undefined, message: string): void {
    if (!this.#over) this.#cancel(new StreamTerminatedError(message, { code }));
  }

  /** Whether the response has been sent, or cannot be sent any more. */
  get #over(): boolean {
    return this.#context.responseState === "ended" || this.#context.cancelledBy !== undefined;
  }

  #onDeadline(): void {
    this.#refuse({ status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded" });
  }

  /** Answers without, or before, the handler. */
  #refuse(trailers: Trailers): void {
    if (this.#over) return;
    // First, so that the requests end with the reason.
    this.#cancel(new GRPCError(trailers.status, trailers.message));
    this.#end(trailers);
  }

  #cancel(reason: Error): void {
    this.#context.cancel(reason);
    this.#settle();
    this.#leaveResponses();
  }

  /** Runs the handler, and answers with what becomes of it. */
  async #run(input: unknown): Promise<void> {
    // The handler of a streaming request gets what arrives before a reset, so it is there from the start.
    const turn = this.#inbox === undefined ? takeTurn() : undefined;
    if (turn !== undefined) {
      await turn;
      if (this.#context.deadline?.expired) this.#onDeadline();
      if (this.#over) return;
    }
    try {
      const result = await this.#method.handler(input, this.#context);
      if (!this.#method.singleResponse) return this.#sendAll(result);
      if (this.#over) return this.#checkReturned(result);
      this.#send(result);
      this.#end({ status: Status.OK });
    } catch (error) {
      this.#onThrown(error);
    }
  }

  /** Sends what a generator yields. `#run` does not wait for that: its memory would stay with the stream. */
  #sendAll(responses: unknown): void {
    this.#responses = new Iteration(iterate(responses, this.#method.path));
    void this.#responses.run(this);
  }

  get wanting(): boolean {
    return !this.#over;
  }

  take(response: unknown): Promise<void> | undefined {
    if (this.#send(response) || this.#over) return undefined;
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  done(last: unknown): void {
    this.#leaveResponses();
    if (this.#over) this.#checkReturned(last);
    else this.#end({ status: Status.OK });
  }

  failed(error: unknown): void {
    const left = this.#responses?.leave();
    // What the generator's `finally` adds to the trailers goes out too, unless it comes later than a microtask.
    void Promise.resolve().then(() => this.#onThrown(error));
    // Only then: an error of the clean-up must not replace this one.
    left?.catch((late: unknown) => this.#onThrown(late));
  }

  #send(response: unknown): boolean {
    const { path, desc, singleResponse } = this.#method;
    if (response instanceof Error) throw response;
    if (typeof response !== "object" || response === null) {
      throw new ProtocolError(`The handler of ${path} returned no message: return one, or throw a GRPCError`);
    }
    const message = create(desc.output, response as Record<string, unknown>);
    const accepted = this.#stream.send(message, singleResponse);
    this.#context.responseState = "headers sent";
    return accepted;
  }

  /** Ends a generator that waits at its `yield`: its `finally` runs. */
  #leaveResponses(): void {
    this.#responses?.leave().catch((error: unknown) => this.#onThrown(error));
  }

  /** Takes what a handler returned after the call was over. */
  #checkReturned(value: unknown): void {
    if (this.#context.cancelledBy !== undefined || value === undefined || value === TRAILERS_SENT) return;
    this.#report(new ProtocolError("The handler has a message after sendTrailingMetadata(): return its result"));
  }

  #onThrown(error: unknown): void {
    // Our timer may be later than that of an outgoing call with the same deadline, whose error this is.
    if (this.#context.deadline?.expired && !this.#over) {
      this.#onDeadline();
      if (error instanceof GRPCError) return;
    }
    const reason = this.#context.cancelledBy;
    if (reason !== undefined) {
      if (!isCausedBy(error, reason)) this.#report(new Error("Failed to handle cancellation", { cause: error }));
      return;
    }
    const answer = answerTo(error, this.#method);
    if (answer.report !== undefined) this.#report(answer.report.error);
    else if (this.#over) this.#report(error);
    if (!this.#over) this.#end(answer.trailers);
  }

  #end(trailers: Trailers): void {
    const context = this.#context;
    const { status, reports } = encodeTrailers(trailers, context.trailingMetadataIfAny, this.#method);
    for (const report of reports) this.#report(report);
    context.responseState = "ended";
    this.#settle();
    this.#stream.finish(status);
  }

  /** Lets go of what waits, and of the timer. */
  #settle(): void {
    this.#stopTimer?.();
    this.onDrain();
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
  throw new ProtocolError(`The handler of ${method} returned nothing to iterate over: make it an async generator`);
}
