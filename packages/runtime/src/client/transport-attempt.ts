import type { Message } from "@bufbuild/protobuf";
import { bindContext } from "../core/bind-context.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest, OutgoingCall, PendingReason, ResponseListener } from "../transport/client.js";
import { type Attempt, rememberFailure } from "./attempt.js";
import { attemptRequest } from "./attempt-request.js";
import { type Callbacks, callAll, withCallback } from "./callbacks.js";
import type { AroundAttempt, Intercepted } from "./intercepted.js";
import type { ClientResult } from "./interceptor.js";
import {
  cancellationBy,
  deadlineExceededDuring,
  endBeforeStart,
  endOf,
  errorOf,
  isResetByServer,
  notSendable,
  type Outcome,
  okEnd,
  wrongResponseCount,
} from "./outcome.js";
import type { ResponseReceiver, ResponseSource } from "./response-relay.js";

/**
 * An attempt that calls the transport: the `next()` of the innermost interceptor. It is the
 * source of its streamed responses. A single response is pulled when the attempt
 * starts, followed by a second pull, which must yield no response.
 */
export class TransportAttempt implements Attempt, ResponseListener, ResponseSource {
  readonly #call: Intercepted;
  readonly #around: AroundAttempt;
  readonly #request: CallRequest;
  result: Promise<ClientResult> | undefined;
  resolve: Attempt["resolve"];
  /** Reports the end in the async context of the start. `undefined` if that does not matter. */
  #report: (() => unknown) | undefined;
  /** The call of the transport, once it has been started. */
  #outgoing: OutgoingCall | undefined;
  /** `undefined` while the attempt is not over. */
  #outcome: Outcome | undefined;
  #headersReceived = false;
  /** The only response. */
  #response: Message | undefined;
  /** Who waits for a streamed response. */
  #receiver: ResponseReceiver | undefined;
  #responsesEnded = false;
  #onDrained: Callbacks;

  constructor(call: Intercepted, around: AroundAttempt) {
    this.#call = call;
    this.#around = around;
    this.#request = attemptRequest(call, around);
  }

  start(): void {
    const { transport, method, responses } = this.#call;
    if (this.#around.replaceResponse !== undefined) this.#report = bindContext<void, void>(() => this.#reportOver());
    const end = endBeforeStart(this.#call);
    if (end === undefined) {
      this.#outgoing = transport.start(this.#request, this);
      if (method.singleResponse) this.#outgoing.pull();
      if (this.over) this.#outgoing.cancel(this.end);
    } else {
      this.#responsesEnded = true;
      this.#settle({ end });
    }
    if (!method.singleResponse) responses.readFrom(this);
  }

  get over(): boolean {
    return this.#outcome !== undefined;
  }

  get end(): CallEnd | undefined {
    return endOf(this.#outcome);
  }

  get peer(): string | undefined {
    return this.#outgoing?.peer;
  }

  get attempts(): readonly Error[] {
    return this.#outgoing?.attempts ?? [];
  }

  whyPending(): PendingReason | undefined {
    return this.#outgoing?.whyPending?.();
  }

  send(message: Message, last: boolean, compress: boolean | undefined): Promise<void> | undefined {
    if (this.over) return undefined;
    try {
      // Stryker disable next-line OptionalChaining: an attempt that is not over has been started
      if (this.#outgoing?.send(message, last, compress) !== false || last) return undefined;
    } catch (error) {
      this.#abort({ end: notSendable(error) });
      return undefined;
    }
    return new Promise((resolve) => {
      this.#onDrained = withCallback(this.#onDrained, resolve);
    });
  }

  endRequests(): void {
    if (this.over) return;
    // Stryker disable next-line OptionalChaining: an attempt that is not over has been started
    this.#outgoing?.end();
    // A message that waits for drain has been accepted. No drain follows the end.
    this.onDrain();
  }

  cancel(end: CallEnd): void {
    this.#abort({ end });
  }

  fail(error: unknown): void {
    this.#abort({ thrown: error });
  }

  /** Reads a streamed response, for the caller. */
  read(receiver: ResponseReceiver): void {
    if (this.#responsesEnded) return this.#passEnd(receiver);
    this.#receiver = receiver;
    this.#outgoing?.pull();
  }

  onHeaders(metadata: Metadata): void {
    this.#headersReceived = true;
    this.#around.onAttemptHeaders(this, metadata);
  }

  onMessage(message: Message): void {
    if (!this.#call.method.singleResponse) {
      this.#takeReceiver()?.onRead(this, this.#around.passOut(this, message));
    } else if (this.#response === undefined) {
      this.#response = message;
      this.#outgoing?.pull();
    } else {
      this.cancel(wrongResponseCount(2));
    }
  }

  onMessagesEnd(failure: CallEnd | undefined): void {
    const end = okEnd(this.#outcome);
    if (failure !== undefined && end !== undefined) this.#outcome = { end: { ...failure, metadata: end.metadata } };
    this.#responsesEnded = true;
    const receiver = this.#takeReceiver();
    if (receiver !== undefined) this.#passEnd(receiver);
  }

  onDrain(): void {
    const callbacks = this.#onDrained;
    this.#onDrained = undefined;
    callAll(callbacks);
  }

  onEnd(end: CallEnd): void {
    const late = isResetByServer(end) && this.#call.deadline?.expired;
    this.#settle({ end: late ? deadlineExceededDuring(this.#outgoing, this.#headersReceived) : end });
  }

  throwIfFailed(): void {
    const outcome = this.#outcome;
    if (outcome !== undefined && okEnd(outcome) === undefined) throw this.#errorOf(outcome);
  }

  takeOnly(): Message {
    this.throwIfFailed();
    if (this.#response === undefined) throw this.#errorOf({ end: wrongResponseCount(0) });
    return this.#response;
  }

  #errorOf(outcome: Outcome): unknown {
    const error = errorOf(outcome, { method: this.#call.method, peer: this.peer });
    return rememberFailure(this, error, endOf(outcome));
  }

  #takeReceiver(): ResponseReceiver | undefined {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    return receiver;
  }

  /** Passes the end of the responses. Whoever awaits `next()` gets the error. */
  #passEnd(receiver: ResponseReceiver): void {
    const { end } = this;
    if (end !== undefined && end.status !== Status.OK) this.#around.onUnreadable(this, end);
    receiver.onRead(this, undefined);
  }

  /** Ends the attempt on this side, unless it is over. */
  #abort(outcome: Outcome): void {
    if (this.over) return;
    this.#settle(outcome);
    this.#outgoing?.cancel(cancellationBy(outcome));
  }

  #settle(outcome: Outcome): void {
    if (this.over) return;
    this.#outcome = outcome;
    this.onDrain();
    if (this.#report === undefined) this.#reportOver();
    else void this.#report();
  }

  #reportOver(): void {
    this.#around.onAttemptOver(this);
  }
}
