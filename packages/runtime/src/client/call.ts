import type { Message } from "@bufbuild/protobuf";
import { asMessage } from "../core/as-message.js";
import { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { onAbort } from "./abort.js";
import { type Callbacks, callAll, withCallback } from "./callbacks.js";
import type { CalledMethod } from "./called-method.js";
import { CallHooks } from "./hooks.js";
import { untilNextTurn } from "./next-turn.js";
import {
  callerCancelled,
  cancellationBy,
  cancelledBy,
  deadlineExceededDuring,
  endBeforeStart,
  endedWithParent,
  endOf,
  errorOf,
  isResetByServer,
  notARequest,
  notSendable,
  type Outcome,
  okEnd,
  withAttemptsOf,
} from "./outcome.js";
import { type ResolvedOptions, requestOf } from "./resolve-options.js";
import { type ReadCall, ResponseReader } from "./response-reader.js";

/**
 * One outgoing call. Stub methods and open streams are thin layers over it. It is in flight from `start()` until the
 * transport, the deadline, a signal or the caller determines its outcome, whichever comes first. Responses may still be
 * unread then; `responses` reads them.
 */
export class ClientCall implements ResponseListener, ReadCall {
  readonly responses: ResponseReader;
  /** The call of the transport, once it has been started. */
  outgoing: OutgoingCall | undefined;
  readonly method: CalledMethod;
  readonly #options: ResolvedOptions;
  #headers: Metadata | undefined;
  #outcome: Outcome | undefined;
  #onHeadersOrOver: Callbacks;
  #onOver: Callbacks;
  #onDrained: Callbacks;
  readonly #hooks: CallHooks | undefined;
  /** How the call has ended according to the transport. */
  #transportEnd: CallEnd | undefined;
  /** Whether the error of the call has been thrown. */
  failureThrown = false;

  constructor(method: CalledMethod, options: ResolvedOptions) {
    this.method = method;
    this.#options = options;
    this.#hooks = CallHooks.of(options, (error) => this.fail(error));
    this.responses = new ResponseReader(this, method.singleResponse);
  }

  /** Starts the call on a transport, unless its deadline has passed or a signal has aborted. */
  start(transport: Transport): this {
    const { deadline, signal, parentSignal } = this.#options;
    const end = endBeforeStart(this.#options);
    if (end !== undefined) {
      this.#settle({ end });
      this.responses.end();
      return this;
    }
    // Before the transport starts the call, because an interceptor may abort the signal at once.
    this.#watch(signal, cancelledBy);
    this.#watch(parentSignal, endedWithParent);
    try {
      this.outgoing = transport.start(requestOf(this.method, this.#options), this);
    } catch (error) {
      // The option `retry` is invalid.
      this.fail(error);
      throw error;
    }
    if (this.method.singleResponse) this.pull();
    if (this.over) this.outgoing.cancel(this.end);
    if (deadline !== undefined) this.onOver(deadline.onExpired(() => this.#abort({ end: this.#deadlineEnd() })));
    return this;
  }

  /** Ends the call when a signal aborts. */
  #watch(signal: AbortSignal | undefined, endOf: (signal: AbortSignal) => CallEnd): void {
    if (signal !== undefined)
      this.onOver(onAbort(signal, () => this.#abort({ end: withAttemptsOf(this.outgoing, endOf(signal)) })));
  }

  /** Address of the server, once there is a connection. */
  get peer(): string | undefined {
    return this.outgoing?.peer;
  }

  /** The metadata of the response headers, once they have arrived. */
  get initialMetadata(): Metadata | undefined {
    return this.#headers;
  }

  /** The metadata of the trailers, once they have arrived. */
  get trailingMetadata(): Metadata | undefined {
    const { end } = this;
    return end?.origin === "peer" ? (end.metadata ?? new Metadata()) : end?.metadata;
  }

  /** How the call has ended; `undefined` if it is not over, or an error of the caller's own code has ended it. */
  get end(): CallEnd | undefined {
    return endOf(this.#outcome);
  }

  /** Whether the outcome is known. */
  get over(): boolean {
    return this.#outcome !== undefined;
  }

  /** Calls `callback` when the outcome is known, at once if it already is. */
  onOver(callback: () => void): void {
    if (this.over) callback();
    else this.#onOver = withCallback(this.#onOver, callback);
  }

  /** Resolves when the outcome is known. */
  untilOver(): Promise<void> {
    return new Promise((resolve) => this.onOver(resolve));
  }

  /** Sends a request. @returns a promise that resolves when the next one may follow; `undefined` if it may at once */
  send(request: object, last: boolean, compress?: boolean): Promise<void> | undefined {
    // If a call that has ended with OK did not wait, a loop of requests would block the event loop.
    if (this.over) return okEnd(this.#outcome) && untilNextTurn();
    try {
      const message = asMessage(this.method.desc.input, request);
      if (message === undefined) return void this.fail(notARequest(this.method, request));
      // Stryker disable next-line OptionalChaining: a call that is not over has been started
      if (this.outgoing?.send(message, last, compress) !== false || last) return undefined;
    } catch (error) {
      this.#abort({ end: notSendable(error) });
      return undefined;
    }
    return new Promise((resolve) => {
      this.#onDrained = withCallback(this.#onDrained, resolve);
    });
  }

  /** Ends the requests: the call is half-closed. */
  endRequests(): void {
    if (this.over) return;
    // Stryker disable next-line OptionalChaining: a call that is not over has been started
    this.outgoing?.end();
    // A message that waits for drain has been accepted. No drain follows the end.
    this.onDrain();
  }

  /** Waits for the metadata of the response headers. @throws the error of the call if it failed before they arrived */
  async receiveHeaders(): Promise<Metadata> {
    if (this.#headers === undefined && !this.over) {
      await new Promise<void>((resolve) => {
        this.#onHeadersOrOver = withCallback(this.#onHeadersOrOver, resolve);
      });
    }
    if (this.#headers === undefined) this.throwIfFailed();
    return this.#headers ?? new Metadata();
  }

  /**
   * @param cause the `cause` of the error, instead of the known one
   * @throws the error of the call if it has failed: a GRPCError, or an error of the caller's own code
   */
  throwIfFailed(cause?: unknown): void {
    const outcome = this.#outcome;
    if (outcome === undefined || okEnd(outcome) !== undefined) return;
    this.failureThrown = true;
    throw errorOf(outcome, this, cause);
  }

  /** Cancels the call if it is not over. */
  cancel(end: CallEnd = callerCancelled): void {
    this.#abort({ end });
  }

  /** Ends the call with an error of the caller's own code. The call rejects with the same error. */
  fail(error: unknown): void {
    this.#abort({ thrown: error });
  }

  pull(): void {
    // Stryker disable next-line OptionalChaining: the responses of a call that has not been started have ended
    this.outgoing?.pull();
  }

  onHeaders(metadata: Metadata): void {
    this.#headers = metadata;
    const callbacks = this.#onHeadersOrOver;
    this.#onHeadersOrOver = undefined;
    callAll(callbacks);
    this.#hooks?.onHeaders(metadata);
  }

  onMessage(message: Message): void {
    this.responses.push(message);
  }

  onMessagesEnd(failure: CallEnd | undefined): void {
    const end = this.#transportEnd;
    if (failure !== undefined && end?.status === Status.OK) {
      this.#transportEnd = { ...failure, metadata: end.metadata };
      if (okEnd(this.#outcome) === end) this.#outcome = { end: this.#transportEnd };
    }
    this.responses.end();
  }

  onDrain(): void {
    const callbacks = this.#onDrained;
    this.#onDrained = undefined;
    callAll(callbacks);
  }

  onEnd(end: CallEnd): void {
    this.#transportEnd = end;
    if (this.#hooks === undefined) this.#settleWith(end);
    else this.#hooks.onEnd(end, () => this.#settleWith(this.#transportEnd ?? end));
  }

  #settleWith(end: CallEnd): void {
    this.#settle({ end: isResetByServer(end) && this.#options.deadline?.expired ? this.#deadlineEnd() : end });
  }

  #deadlineEnd(): CallEnd {
    return deadlineExceededDuring(this.outgoing, this.#headers !== undefined);
  }

  /** Ends the call on this side, unless it is over. */
  #abort(outcome: Outcome): void {
    if (this.over) return;
    this.#settle(outcome);
    this.outgoing?.cancel(cancellationBy(outcome));
  }

  #settle(outcome: Outcome): void {
    if (this.over) return;
    this.#outcome = outcome;
    this.onDrain();
    callAll(this.#onHeadersOrOver);
    callAll(this.#onOver);
    this.#onOver = undefined;
  }
}
