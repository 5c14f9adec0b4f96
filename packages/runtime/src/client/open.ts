import type { Message } from "@bufbuild/protobuf";
import type { Deadline } from "../core/deadline.js";
import { Metadata } from "../core/metadata.js";
import { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import type { Transport } from "../transport/client.js";
import { ClientCall } from "./call.js";
import type { CallOptions } from "./call-options.js";
import type { CalledMethod } from "./called-method.js";
import { type ResolvedOptions, resolveOptions } from "./resolve-options.js";
import type { ClientStream } from "./stream.js";
import { type Operation, StreamOrder } from "./stream-order.js";

type Body = (stream: ClientStream<Message, Message>) => Promise<unknown>;

/** What the `open` of a stub method takes. */
export type OpenArguments = [body: Body, options?: CallOptions] | [options?: CallOptions];

/** The `open` of a stub method: with a body it runs it, without one it returns the stream. */
export function openMethod(method: CalledMethod, transport: Transport, ...[first, second]: OpenArguments): unknown {
  if (typeof first === "function") return runBody(() => new OpenStream(method, transport, second), first);
  return new OpenStream(method, transport, first);
}

async function runBody(open: () => OpenStream, body: Body): Promise<unknown> {
  const stream = open();
  try {
    const result = await body(stream);
    stream.throwIfFailed();
    return result;
  } catch (error) {
    // It may be the `signal.reason` of a handler: where this call has failed too, its status says more.
    if (error instanceof StreamTerminatedError) stream.explain(error);
    throw error;
  } finally {
    stream.leave();
  }
}

class OpenStream implements ClientStream<Message, Message> {
  readonly #method: CalledMethod;
  readonly #transport: Transport;
  readonly #options: ResolvedOptions;
  readonly #order: StreamOrder;
  #call: ClientCall | undefined;
  /** Whether the caller has left or cancelled the call. */
  #left = false;

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

  async sendMessage(message: object): Promise<void> {
    const call = this.#begin("sendMessage");
    const waiting = call.send(message, this.#method.singleRequest);
    if (waiting !== undefined) await waiting;
    call.throwIfFailed();
  }

  async end(): Promise<void> {
    const call = this.#begin("end");
    if (!this.#method.singleRequest) call.end();
    call.throwIfFailed();
  }

  async recvInitialMetadata(): Promise<Metadata> {
    return await this.#begin("recvInitialMetadata").receiveHeaders();
  }

  recvMessage(): Promise<Message | undefined> {
    // One promise for a message, where an async function would make two.
    return new Promise((resolve) => {
      // The trailers come after the responses: whoever has asked for them has skipped those.
      const skipped = this.#order.has("recvMessage") || this.#order.has("recvTrailingMetadata");
      const call = this.#begin("recvMessage");
      if (this.#method.singleResponse && !skipped) resolve(call.responses.receiveOnly());
      else call.responses.read(resolve);
    });
  }

  async recvTrailingMetadata(): Promise<Metadata> {
    const call = this.#begin("recvTrailingMetadata");
    await call.responses.skipAll();
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
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: async () => {
        this.leave();
        return { done: true, value: undefined };
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

  /** @throws the error of the call if it has failed, unless the error has been thrown already, or the caller cancelled */
  throwIfFailed(): void {
    if (!this.#left && this.#call?.failureThrown === false) this.#call.throwIfFailed();
  }

  /** @throws the error of the call if it has failed, with the error that it explains as its cause */
  explain(error: StreamTerminatedError): void {
    this.#call?.throwIfFailed(error);
  }

  /** Begins an operation. @throws ProtocolError where it is out of order */
  #begin(operation: Operation): ClientCall {
    this.#order.begin(operation);
    // Only what starts a call gets here without one.
    this.#call ??= new ClientCall(this.#method, this.#options).start(this.#transport);
    return this.#call;
  }
}
