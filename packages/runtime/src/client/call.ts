import { create, type Message } from "@bufbuild/protobuf";
import type { CallEnd } from "../core/call-end.js";
import { Inbox, type MessageSource } from "../core/inbox.js";
import { Metadata } from "../core/metadata.js";
import { runSafely } from "../core/run-safely.js";
import { Status } from "../core/status.js";
import type { OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { onAbort } from "./abort.js";
import { type Callbacks, callAll, withCallback } from "./callbacks.js";
import type { CalledMethod } from "./called-method.js";
import {
  abandoned,
  type CallInfo,
  cancelledBy,
  deadlineExceeded,
  endBeforeStart,
  errorOf,
  notSendable,
  type Outcome,
  okEnd,
  wrongResponseCount,
} from "./outcome.js";
import type { ResolvedOptions } from "./resolve-options.js";

/** One outgoing call, from its start to its outcome. Stub methods and open streams are thin over it. */
export class ClientCall implements ResponseListener, MessageSource {
  readonly #method: CalledMethod;
  readonly #transport: Transport;
  readonly #options: ResolvedOptions;
  readonly #inbox: Inbox = new Inbox(this);
  #outgoing: OutgoingCall | undefined;
  #headers: { readonly metadata: Metadata } | undefined;
  #outcome: Outcome | undefined;
  // Lists of callbacks, which most calls do not need.
  #onHeadersOrOver: Callbacks;
  #onOver: Callbacks;
  #onDrained: Callbacks;
  #responses = 0;
  /** Whether its failure has been thrown. */
  failureThrown = false;

  /** Starts the call. */
  constructor(method: CalledMethod, transport: Transport, options: ResolvedOptions) {
    this.#method = method;
    this.#transport = transport;
    this.#options = options;
    const { deadline, signals, metadata, compression, waitForReady } = options;
    const end = endBeforeStart(options);
    if (end !== undefined) {
      this.#settle({ end });
      this.#inbox.end();
      return;
    }
    const timeout = options.timeout ?? deadline?.remaining();
    this.#outgoing = transport.start({ method, metadata, timeout, compression, waitForReady }, this);
    if (method.singleResponse) this.#outgoing.pull();
    if (deadline !== undefined) this.onOver(deadline.onExpired(() => this.#abort({ end: deadlineExceeded })));
    for (const signal of signals) this.onOver(onAbort(signal, () => this.#abort({ end: cancelledBy(signal) })));
  }

  /** Address of the server, once there is a connection. */
  get peer(): string | undefined {
    return this.#outgoing?.peer;
  }

  /** The metadata of the response headers, once they are there. */
  get initialMetadata(): Metadata | undefined {
    return this.#headers?.metadata;
  }

  /** The metadata of the trailers, once they are there. */
  get trailingMetadata(): Metadata | undefined {
    return this.#outcome !== undefined && "end" in this.#outcome ? this.#outcome.end.metadata : undefined;
  }

  /** Whether the outcome is known. Messages may still be unread. */
  get over(): boolean {
    return this.#outcome !== undefined;
  }

  /** Runs a function when the outcome is known. */
  onOver(callback: () => void): void {
    if (this.over) callback();
    else this.#onOver = withCallback(this.#onOver, callback);
  }

  /** Resolves when the outcome is known. */
  untilOver(): Promise<void> {
    return new Promise((resolve) => this.onOver(resolve));
  }

  /** Sends a request. @returns a promise to wait for when the peer does not keep up */
  send(request: object, last: boolean): Promise<void> | undefined {
    if (this.over) return undefined;
    try {
      const message = create(this.#method.desc.input, request as Record<string, unknown>);
      if (this.#outgoing?.send(message, last) !== false || last) return undefined;
    } catch (error) {
      this.#abort({ end: notSendable(error) });
      return undefined;
    }
    return new Promise((resolve) => {
      this.#onDrained = withCallback(this.#onDrained, resolve);
    });
  }

  /** Sends the end of the requests. */
  end(): void {
    if (!this.over) this.#outgoing?.end();
  }

  /** The next response, if it is there. */
  take(): Message | undefined {
    return this.#inbox.take();
  }

  /** The next response, as soon as it is there; `undefined` when there are no more, because the call is over. */
  read(): Promise<Message | undefined> {
    return this.#inbox.read();
  }

  /** Passes the next response on, as soon as it is there; at the end a promise, which rejects if the call has failed. */
  pass(reader: (response: Message | Promise<undefined>) => void): void {
    this.#inbox.pass((response) => reader(response ?? this.#afterLast()));
  }

  async #afterLast(): Promise<undefined> {
    // Two turns later whoever waits is chained to this promise, so that the stack of an error shows it.
    await Promise.resolve();
    await Promise.resolve();
    this.throwIfFailed();
  }

  /** The only response of a call. @throws GRPCError if the call did not succeed */
  async receiveOnly(): Promise<Message> {
    // In turn with other readers.
    const response = await this.#inbox.read();
    // The outcome comes after it. There is no second message: onMessage() has seen to that.
    await this.untilOver();
    return this.onlyResponse(response);
  }

  /**
   * The only response of a call that is over.
   *
   * @param response if it has been read already
   * @throws GRPCError if the call did not succeed
   */
  onlyResponse(response: Message | undefined = this.#inbox.take()): Message {
    this.throwIfFailed();
    if (response === undefined) throw errorOf({ end: wrongResponseCount(0) }, this.#info);
    return response;
  }

  /** The metadata of the response headers. @throws GRPCError if the call failed without any */
  async receiveHeaders(): Promise<Metadata> {
    if (this.#headers === undefined && !this.over) {
      await new Promise<void>((resolve) => {
        this.#onHeadersOrOver = withCallback(this.#onHeadersOrOver, resolve);
      });
    }
    if (this.#headers === undefined) this.throwIfFailed();
    return this.#headers?.metadata ?? new Metadata();
  }

  /**
   * @param cause of the error, in place of what is known
   * @throws GRPCError if the call has failed, or the error of the caller's own code that ended it
   */
  throwIfFailed(cause?: unknown): void {
    const outcome = this.#outcome;
    if (outcome === undefined || okEnd(outcome) !== undefined) return;
    this.failureThrown = true;
    throw errorOf(outcome, this.#info, cause);
  }

  /** Resets the call if it is not over. */
  cancel(): void {
    this.#abort({ end: abandoned });
  }

  /** Ends the call with an error of the caller's own code, which the caller gets unchanged. */
  fail(error: unknown): void {
    this.#abort({ thrown: error });
  }

  /** Asks for the next response. A single one is asked for at the start, and a second one, which must not come. */
  pull(): void {
    if (!this.#method.singleResponse) this.#outgoing?.pull();
  }

  onHeaders(headers: { readonly metadata: Metadata }): void {
    this.#headers = headers;
    const callbacks = this.#onHeadersOrOver;
    this.#onHeadersOrOver = undefined;
    callAll(callbacks);
    const { onHeaders } = this.#options;
    if (onHeaders !== undefined) this.#callHook(() => onHeaders(headers.metadata));
  }

  onMessage(message: Message): void {
    this.#responses += 1;
    if (!this.#method.singleResponse) return this.#inbox.push(message);
    if (this.#responses > 1) return this.#abort({ end: wrongResponseCount(this.#responses) });
    this.#inbox.push(message);
    this.#outgoing?.pull();
  }

  onMessagesEnd(failure: CallEnd | undefined): void {
    const ok = this.#outcome && okEnd(this.#outcome);
    if (failure !== undefined && ok !== undefined) this.#outcome = { end: { ...failure, metadata: ok.metadata } };
    this.#inbox.end();
  }

  onDrain(): void {
    const callbacks = this.#onDrained;
    this.#onDrained = undefined;
    callAll(callbacks);
  }

  onEnd(end: CallEnd): void {
    const { onTrailers } = this.#options;
    if (onTrailers !== undefined && end.origin === "peer") {
      this.#callHook(() => onTrailers(end.metadata ?? new Metadata()));
    }
    // A server that watches the deadline too may reset the call with CANCEL, which may be read before our timer fires.
    const reset = end.resetCode !== undefined && end.status === Status.CANCELLED;
    this.#settle({ end: reset && this.#options.deadline?.expired ? deadlineExceeded : end });
  }

  /** Settles the call before its end has come from the transport. */
  #abort(outcome: Outcome): void {
    if (this.over) return;
    this.#settle(outcome);
    this.#outgoing?.cancel();
  }

  #settle(outcome: Outcome): void {
    if (this.over) return;
    this.#outcome = outcome;
    this.onDrain();
    callAll(this.#onHeadersOrOver);
    callAll(this.#onOver);
    this.#onOver = undefined;
  }

  /** Calls a hook of the caller. What it throws is the outcome; an async one that rejects later does no harm then. */
  #callHook(hook: () => unknown): void {
    void runSafely(hook, (error) => this.fail(error));
  }

  get #info(): CallInfo {
    return { method: this.#method, peer: this.peer, registry: this.#transport.registry };
  }
}
