import type { Message } from "@bufbuild/protobuf";
import { asMessage } from "../core/as-message.js";
import type { Compression } from "../core/compression.js";
import { MAX_TIMER_MS } from "../core/deadline.js";
import { isError } from "../core/is-error.js";
import { Metadata, type MetadataInit } from "../core/metadata.js";
import { textOf } from "../core/text-of.js";
import type { CallStatus, RetryPushback } from "../errors/call-end.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { IncomingCall } from "../transport/server.js";
import type { ServedMethod } from "./served-method.js";

/**
 * The response half of an incoming call. Nothing else keeps its state.
 *
 * - `open`: nothing has been sent
 * - `headers sent`: the response headers have been sent, and perhaps messages
 * - `ended`: the handler has answered, and its status is sent
 * - `cancelled`: the call ended before the handler did. What the handler sends afterwards is ignored.
 */
export class ResponseHalf {
  readonly #method: ServedMethod;
  readonly #call: IncomingCall;
  #state: "open" | "headers sent" | "ended" | "cancelled" = "open";
  #cancelReason: Error | undefined;
  #abortController: AbortController | undefined;
  /** What the handler adds to the trailers. Created on demand, because most handlers add nothing. */
  #trailers: { metadata?: Metadata; retryPushback?: RetryPushback } | undefined;
  #onDrained: (() => void) | undefined;

  constructor(method: ServedMethod, call: IncomingCall) {
    this.#method = method;
    this.#call = call;
  }

  /** Whether nothing can be sent any more. */
  get over(): boolean {
    return this.#state === "ended" || this.#state === "cancelled";
  }

  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Why the call was cancelled, if it was. */
  get cancelReason(): Error | undefined {
    return this.#cancelReason;
  }

  /** Aborts when the call is cancelled. */
  get signal(): AbortSignal {
    if (this.#abortController === undefined) {
      this.#abortController = new AbortController();
      if (this.#cancelReason !== undefined) this.#abortController.abort(this.#cancelReason);
    }
    return this.#abortController.signal;
  }

  /** The metadata that the handler adds to the trailers. */
  get trailingMetadata(): Metadata {
    this.#trailers ??= {};
    this.#trailers.metadata ??= new Metadata();
    return this.#trailers.metadata;
  }

  /** The metadata that the handler has added to the trailers; `undefined` if it never accessed `trailingMetadata`. */
  get trailingMetadataIfAny(): Metadata | undefined {
    return this.#trailers?.metadata;
  }

  /** @throws TypeError if it is neither a number of milliseconds that a timer takes nor `"never"` */
  set retryPushback(pushback: RetryPushback) {
    if (pushback !== "never" && !(pushback >= 0 && pushback <= MAX_TIMER_MS)) {
      throw new TypeError(
        `setRetryPushback() takes 0 to ${MAX_TIMER_MS} milliseconds or "never", got ${textOf(pushback)}`,
      );
    }
    this.#trailers ??= {};
    this.#trailers.retryPushback = pushback;
  }

  /** The compression of the next responses. */
  get compression(): Compression {
    return this.#call.compression;
  }

  /** @throws ProtocolError if the headers, already sent, do not declare a compression that the client accepts */
  set compression(compression: Compression) {
    if (this.over || this.#call.useCompression(compression)) return;
    throw new ProtocolError(
      `The response headers have been sent without ${compression}. Set context.compression before the first message.`,
    );
  }

  /** Sends the response headers. @throws ProtocolError if they have already been sent */
  sendHeaders(metadata: MetadataInit): void {
    if (this.#state === "cancelled") return;
    if (this.#state !== "open") {
      throw new ProtocolError(
        "The response headers have already been sent. Call sendInitialMetadata() once, before the first message.",
      );
    }
    this.#call.sendHeaders(new Metadata(metadata));
    // Stryker disable next-line StringLiteral: nothing compares this state, only the others
    this.#state = "headers sent";
  }

  /**
   * Sends a message of the handler.
   *
   * @param replace returns the message to send instead; `undefined` if no interceptor looks at it
   * @returns a promise that resolves when the next message may follow; `undefined` if it may at once
   * @throws Error if the handler did not return a message, or one that cannot be sent
   */
  send(response: unknown, replace?: (message: Message) => Message): Promise<void> | undefined {
    const { path, desc, singleResponse, interceptors } = this.#method;
    if (isError(response)) throw response;
    const message = asMessage(desc.output, response);
    if (message === undefined) {
      // A text may be long, or a secret.
      const given = typeof response === "object" ? textOf(response) : typeof response;
      throw new ProtocolError(`The handler of ${path} gave ${given}, not a ${desc.output.typeName}.`);
    }
    // The status follows at once, unless interceptors take their time in between.
    const last = singleResponse && interceptors.length === 0;
    const mayFollow = this.#call.send(replace === undefined ? message : replace(message), last);
    if (this.#state === "open") this.#state = "headers sent";
    if (mayFollow || this.over) return undefined;
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  /** Continues a handler that waits for the client to keep up. */
  onDrain(): void {
    this.#onDrained?.();
    this.#onDrained = undefined;
  }

  /** Sends the status of the call: the handler's answer, or the status of a cancellation. */
  end(status: CallStatus): void {
    if (this.#state !== "cancelled") this.#state = "ended";
    this.onDrain();
    const retryPushback = this.#trailers?.retryPushback;
    this.#call.finish(retryPushback === undefined ? status : { ...status, retryPushback });
  }

  /** Cancels the call. The first reason wins. */
  cancel(reason: Error): void {
    if (this.#cancelReason !== undefined) return;
    this.#state = "cancelled";
    this.#cancelReason = reason;
    // A generator that waits for the client ends now.
    this.onDrain();
    this.#abortController?.abort(reason);
  }
}

/** The report that a handler returned a message although it had ended its call itself. */
export function messageAfterTrailers(): ProtocolError {
  return new ProtocolError(
    "The handler returned a message after sendTrailingMetadata(). Return the result of that function instead.",
  );
}
