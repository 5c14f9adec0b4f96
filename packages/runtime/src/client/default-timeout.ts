import type { Message } from "@bufbuild/protobuf";
import { Deadline } from "../core/deadline.js";
import type { Metadata } from "../core/metadata.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest, OutgoingCall, PendingReason, ResponseListener, Transport } from "../transport/client.js";
import { deadlineExceededDuring, isResetByServer } from "./outcome.js";

/**
 * Limits the time of calls that have no limit of their own.
 *
 * @param timeout in milliseconds
 */
export function withDefaultTimeout(transport: Transport, timeout: number): Transport {
  return {
    start: (request, listener) =>
      request.timeout === undefined
        ? new LimitedCall(listener).start(transport, { ...request, timeout })
        : transport.start(request, listener),
  };
}

/** A call that ends with DEADLINE_EXCEEDED when its time is up. Stands between the caller and the transport. */
class LimitedCall implements OutgoingCall, ResponseListener {
  readonly #listener: ResponseListener;
  #call: OutgoingCall | undefined;
  #headersReceived = false;
  #deadline: Deadline | undefined;
  #stopTimer: () => void = () => {};

  constructor(listener: ResponseListener) {
    this.#listener = listener;
  }

  start(transport: Transport, request: CallRequest & { readonly timeout: number }): this {
    this.#deadline = Deadline.after(request.timeout);
    this.#call = transport.start(request, this);
    // After the call, which is not started if one of its options is invalid.
    this.#stopTimer = this.#deadline.onExpired(() => this.#onExpired());
    return this;
  }

  get peer(): string | undefined {
    return this.#call?.peer;
  }

  whyPending(): PendingReason | undefined {
    return this.#call?.whyPending?.();
  }

  get attempts(): readonly Error[] | undefined {
    return this.#call?.attempts;
  }

  send(message: Message, last: boolean, compress?: boolean): boolean {
    return this.#call?.send(message, last, compress) ?? false;
  }

  end(): void {
    this.#call?.end();
  }

  cancel(end?: CallEnd): void {
    this.#stopTimer();
    this.#call?.cancel(end);
  }

  pull(): void {
    this.#call?.pull();
  }

  onHeaders(metadata: Metadata): void {
    this.#headersReceived = true;
    this.#listener.onHeaders(metadata);
  }

  onMessage(message: Message): void {
    this.#listener.onMessage(message);
  }

  onMessagesEnd(failure: CallEnd | undefined): void {
    this.#listener.onMessagesEnd(failure);
  }

  onDrain(): void {
    this.#listener.onDrain();
  }

  onEnd(end: CallEnd): void {
    this.#stopTimer();
    this.#listener.onEnd(isResetByServer(end) && this.#deadline?.expired ? this.#deadlineEnd() : end);
  }

  #onExpired(): void {
    const end = this.#deadlineEnd();
    this.cancel(end);
    this.#listener.onEnd(end);
  }

  #deadlineEnd(): CallEnd {
    return deadlineExceededDuring(this.#call, this.#headersReceived);
  }
}
