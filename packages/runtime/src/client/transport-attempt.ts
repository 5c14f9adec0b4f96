import type { Message } from "@bufbuild/protobuf";
import { bindContext } from "../core/bind-context.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { PendingReason } from "../transport/client.js";
import { type Attempt, rememberFailure } from "./attempt.js";
import { attemptOptions } from "./attempt-options.js";
import { ClientCall } from "./call.js";
import type { AroundAttempt, Intercepted } from "./intercepted.js";
import type { ClientResult } from "./interceptor.js";
import { wrongResponseCount } from "./outcome.js";
import type { ResponseReceiver, ResponseSource } from "./response-relay.js";

/** What `next()` of the innermost interceptor starts: a call on the transport. */
export class TransportAttempt extends ClientCall implements Attempt, ResponseSource {
  readonly #call: Intercepted;
  readonly #around: AroundAttempt;
  result: Promise<ClientResult> | undefined;
  resolve: Attempt["resolve"];
  /** Reports the end in the async context of the start. `undefined` if that does not matter. */
  #report: (() => unknown) | undefined;

  constructor(call: Intercepted, around: AroundAttempt) {
    super(call.method, attemptOptions(call, around));
    this.#call = call;
    this.#around = around;
  }

  override start(): this {
    const { transport, method, responses } = this.#call;
    if (this.#around.replaceResponse !== undefined) this.#report = bindContext<void, void>(() => this.#reportOver());
    super.start(transport);
    if (!method.singleResponse) responses.readFrom(this);
    return this;
  }

  protected override settled(): void {
    if (this.#report === undefined) this.#reportOver();
    else void this.#report();
  }

  #reportOver(): void {
    this.#around.onAttemptOver(this);
  }

  /** The caller's side watches the time, and cancels all attempts. */
  protected override watchDeadline(): void {}

  override onHeaders(metadata: Metadata): void {
    super.onHeaders(metadata);
    this.#around.onAttemptHeaders(this, metadata);
  }

  /** Reads a streamed response, for the caller. */
  read(receiver: ResponseReceiver): void {
    this.responses.read((response) => {
      if (!(response instanceof Promise)) return receiver.onRead(this, this.#around.passOut(this, response));
      // The end of the responses. Whoever awaits next() gets the error.
      response.catch(() => {});
      const { end } = this;
      if (end !== undefined && end.status !== Status.OK) this.#around.onUnreadable(this, end);
      receiver.onRead(this, undefined);
    });
  }

  get attempts(): readonly Error[] {
    return this.outgoing?.attempts ?? [];
  }

  whyPending(): PendingReason | undefined {
    return this.outgoing?.whyPending?.();
  }

  takeOnly(): Message {
    return this.responses.takeOnly();
  }

  override throwIfFailed(cause?: unknown): void {
    try {
      super.throwIfFailed(cause);
    } catch (error) {
      throw this.#remember(error, this.end);
    }
  }

  override throwMissingResponse(): never {
    try {
      super.throwMissingResponse();
    } catch (error) {
      throw this.#remember(error, wrongResponseCount(0));
    }
  }

  #remember(error: unknown, end: CallEnd | undefined): unknown {
    return rememberFailure(this, error, end);
  }
}
