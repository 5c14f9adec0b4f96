import type { Message } from "@bufbuild/protobuf";
import { checkOptions } from "../core/check-options.js";
import type { Deadline } from "../core/deadline.js";
import { Metadata } from "../core/metadata.js";
import { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import type { Transport } from "../transport/client.js";
import { ClientCall } from "./call.js";
import type { CallOptions } from "./call-options.js";
import type { CalledMethod } from "./called-method.js";
import { type ResolvedOptions, resolveOptions, startingNow } from "./resolve-options.js";
import { type ClientStream, type SendOptions, sendOptionNames } from "./stream.js";
import { type Operation, StreamOrder } from "./stream-order.js";

type Body = (stream: ClientStream<Message, Message>) => Promise<unknown>;

/** The arguments of `open` of a stub method. */
export type OpenArguments = [body: Body, options?: CallOptions] | [options?: CallOptions];

/** Implements `open` of a stub method: runs the body if there is one, and returns the stream if not. */
export function openMethod(method: CalledMethod, transport: Transport, ...[first, second]: OpenArguments): unknown {
  if (typeof first === "function") return runBody(() => new OpenStream(method, transport, second), first);
  if (second !== undefined) throw new TypeError("open() takes its function first, as in open(async (stream) => …)");
  return new OpenStream(method, transport, first);
}

async function runBody(open: () => OpenStream, body: Body): Promise<unknown> {
  const stream = open();
  try {
    const result = await body(stream);
    stream.throwIfFailed();
    return result;
  } catch (error) {
    // The body may throw the `signal.reason` of a handler. If this call has failed too, its error says more.
    if (error instanceof StreamTerminatedError) stream.throwWithCause(error);
    throw error;
  } finally {
    stream.leave();
  }
}

/**
 * How many microtasks an error of `sendMessage()` may take to leave the body of
 * `open()`: three for each async function that it passes through.
 */
const LEAVING_MICROTASKS = 100;

class OpenStream implements ClientStream<Message, Message> {
  readonly #method: CalledMethod;
  readonly #transport: Transport;
  readonly #options: ResolvedOptions;
  readonly #order: StreamOrder;
  #call: ClientCall | undefined;
  /** Whether the caller has left or cancelled the call. Operations that are pending then end without an error. */
  #left = false;
  /** Whether a `sendMessage()` waits for the server to keep up, or the call has failed while it waited. */
  // Stryker disable next-line BooleanLiteral: reads that fail would wait longer
  #sending = false;

  constructor(method: CalledMethod, transport: Transport, options: CallOptions | undefined) {
    this.#method = method;
    this.#transport = transport;
    this.#options = resolveOptions(options);
    this.#order = new StreamOrder(method.singleRequest);
  }

  get deadline(): Deadline | undefined {
    return this.#options.deadline;
  }

  get peer(): string | undefined {
    return this.#call?.peer;
  }

  get initialMetadata(): Metadata | undefined {
    return this.#call?.initialMetadata;
  }

  get trailingMetadata(): Metadata | undefined {
    return this.#call?.trailingMetadata;
  }

  async sendRequest(): Promise<void> {
    this.#begin("sendRequest").throwIfFailed();
  }

  async sendMessage(message: object, options?: SendOptions): Promise<void> {
    if (options !== undefined) checkOptions("sendMessage()", options, sendOptionNames);
    const call = this.#begin("sendMessage");
    const waiting = call.send(message, this.#method.singleRequest, options?.compress);
    // Stryker disable next-line ConditionalExpression: saves microtasks
    if (waiting === undefined) return call.throwIfFailed();
    this.#sending = true;
    await waiting;
    if (!this.#left) call.throwIfFailed();
    // Stryker disable next-line BooleanLiteral: reads that fail would wait longer
    this.#sending = false;
  }

  async end(): Promise<void> {
    const call = this.#begin("end");
    if (!this.#method.singleRequest) call.endRequests();
    call.throwIfFailed();
  }

  async recvInitialMetadata(): Promise<Metadata> {
    const headers = this.#begin("recvInitialMetadata").receiveHeaders();
    return await this.#unlessLeft(headers, new Metadata());
  }

  recvMessage(): Promise<Message | undefined> {
    // An async function would create two promises per message. This creates one.
    return new Promise((resolve) => {
      // The only response is consumed by recvMessage(), or skipped by recvTrailingMetadata().
      const consumed = this.#order.has("recvMessage") || this.#order.has("recvTrailingMetadata");
      const { responses } = this.#begin("recvMessage");
      const left = this.#left;
      const single = this.#method.singleResponse && !consumed;
      if (single) return resolve(this.#unlessLeft(responses.receiveOnly(), undefined));
      const response = responses.take();
      if (response !== undefined) return resolve(response);
      responses.wait((later) => resolve(later ?? this.#unlessLeft(responses.afterLast(), undefined, left)));
    });
  }

  async recvTrailingMetadata(): Promise<Metadata> {
    return await this.#unlessLeft(this.#skipToTrailers(this.#begin("recvTrailingMetadata")), new Metadata());
  }

  async #skipToTrailers(call: ClientCall): Promise<Metadata> {
    // Otherwise recvMessage() throws the error of a missing response.
    if (this.#method.singleResponse && !this.#order.has("recvMessage")) await call.responses.receiveOnly();
    else await call.responses.skipAll();
    call.throwIfFailed();
    return call.trailingMetadata ?? new Metadata();
  }

  async cancel(): Promise<void> {
    this.#begin("cancel");
    this.leave();
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    return {
      next: async () => {
        const value = await this.recvMessage();
        return { done: value === undefined, value } as IteratorResult<Message>;
      },
      return: async () => {
        this.leave();
        return { done: true, value: undefined };
      },
      throw: async (error) => {
        this.leave();
        throw error;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
  }

  /** Cancels the call if it is not over. */
  leave(): void {
    this.#left = true;
    this.#call?.cancel();
  }

  /** @throws the error of the call if it failed, unless it has already been thrown, or the caller cancelled */
  throwIfFailed(): void {
    if (!this.#left && this.#call?.failureThrown === false) this.#call.throwIfFailed();
  }

  /** @throws the error of the call if it has failed, with `error` as its cause */
  throwWithCause(error: StreamTerminatedError): void {
    this.#call?.throwIfFailed(error);
  }

  /**
   * Waits for the result of a read. If the caller leaves the call meanwhile, the
   * result is `ifLeft`: nobody may be waiting for the read, and a rejection that
   * nobody handles ends the process.
   *
   * @param leftBefore whether the caller had already left when the read began
   */
  async #unlessLeft<T>(read: Promise<T>, ifLeft: T, leftBefore = this.#left): Promise<T> {
    try {
      return await read;
    } catch (error) {
      // If the pending sendMessage() rejects with the same error, the caller may be about to leave.
      // Stryker disable next-line all: how long this waits makes no other difference, if it is long enough
      for (let count = 0; this.#sending && !this.#left && count < LEAVING_MICROTASKS; count++) await Promise.resolve();
      if (this.#left && !leftBefore) return ifLeft;
      throw error;
    }
  }

  /** Begins an operation. @throws ProtocolError if it is out of order */
  #begin(operation: Operation): ClientCall {
    this.#order.begin(operation);
    // Only sendRequest() and sendMessage() get here before the call has started.
    this.#call ??= new ClientCall(this.#method, startingNow(this.#options)).start(this.#transport);
    return this.#call;
  }
}
