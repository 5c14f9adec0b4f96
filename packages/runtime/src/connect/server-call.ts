import { type Message, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { Compression } from "../core/compression.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import type { CallFailure, CallStatus } from "../errors/call-end.js";
import { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import type { IncomingCall, RequestHead, RequestListener, Route } from "../transport/server.js";
import { ResponseSlot } from "./response-slot.js";
import { addInitialMetadata, connectEnd } from "./server-end.js";

const shuttingDown: CallFailure = { status: Status.UNAVAILABLE, message: "The server is shutting down" };

/**
 * An incoming call behind a router of Connect, from `start()` until its status is
 * known or the client has left.
 *
 * Connect passes the requests as an iterable, and iterates over the responses: it
 * asks for the next one when it has sent the last one.
 */
export class ConnectServerCall implements IncomingCall, AsyncIterable<Message> {
  /** Connect negotiates the compression, and does not tell. */
  readonly compression: Compression = "identity";
  readonly #route: Route;
  readonly #requests: Iterator<Message> | AsyncIterator<Message>;
  readonly #context: HandlerContext & { readonly requestSignal?: AbortSignal; readonly shutdownSignal?: AbortSignal };
  readonly #responses = new ResponseSlot(
    () => this.#listener?.onDrain(),
    (reason) => this.#onClientLost(reason),
  );
  #listener: RequestListener | undefined;
  #pulled = false;
  #headersSent = false;
  #over = false;

  constructor(route: Route, requests: Iterable<Message> | AsyncIterable<Message>, context: HandlerContext) {
    this.#route = route;
    this.#requests = Symbol.iterator in requests ? requests[Symbol.iterator]() : requests[Symbol.asyncIterator]();
    this.#context = context;
  }

  /** Starts the call. Call it once. */
  start(head: RequestHead): void {
    for (const signal of this.#signals()) signal?.addEventListener("abort", this.#onAborted);
    this.#listener = this.#route.handle(this, head);
    this.#onAborted();
  }

  /**
   * What ends the call early. Connect joins the others in `signal`, but also a timer, and then `signal` says no more:
   * it fires after 1 ms if the timeout is longer than 2^31 ms.
   */
  #signals(): readonly (AbortSignal | undefined)[] {
    const { signal, requestSignal, shutdownSignal } = this.#context;
    return [signal, requestSignal, shutdownSignal];
  }

  /** The response of a method with a single one, once the call has succeeded. */
  async onlyResponse(): Promise<Message> {
    const { value } = await this.#responses.next();
    await this.#responses.next();
    // A handler cannot succeed without a response.
    return value as Message;
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return this.#responses;
  }

  useCompression(): boolean {
    return true;
  }

  sendHeaders(metadata: Metadata | undefined): void {
    if (this.#over || this.#headersSent) return;
    addInitialMetadata(this.#context.responseHeader, metadata);
    this.#headersSent = true;
  }

  send(message: Message): boolean {
    // Connect would encode it later, and tell the client why it cannot.
    toBinary(this.#route.method.desc.output, message);
    if (this.#over) return true;
    this.#headersSent = true;
    this.#responses.put(message);
    return false;
  }

  finish(status: CallStatus): void {
    const { responseTrailer, protocolName } = this.#context;
    if (!this.#over) this.#end(connectEnd(status, responseTrailer, protocolName));
  }

  pull(): void {
    this.#pulled = true;
    void this.#answerPull();
  }

  async #answerPull(): Promise<void> {
    try {
      // At the earliest in a microtask, when handle() has returned.
      const { value, done } = await (this.#over ? noRequest : this.#requests.next());
      if (!this.#pulled) return;
      if (done === true) return this.#endRequests();
      this.#pulled = false;
      this.#listener?.onMessage(value);
    } catch (error) {
      this.#onUnreadable(error);
    }
  }

  #endRequests(): void {
    if (!this.#pulled) return;
    this.#pulled = false;
    this.#listener?.onMessagesEnd();
  }

  /** Connect throws errors of its own for requests that it cannot decode, and those of the platform for a lost client. */
  #onUnreadable(error: unknown): void {
    if (this.#over) return;
    if (!(error instanceof ConnectError)) return this.#onClientLost(error);
    this.#listener?.onFailure({ status: error.code as number, message: error.rawMessage });
    this.#endRequests();
  }

  readonly #onAborted = (): void => {
    if (this.#over) return;
    const { signal, requestSignal, shutdownSignal } = this.#context;
    const { reason } = requestSignal?.aborted ? requestSignal : signal;
    if (shutdownSignal?.aborted) this.#listener?.onFailure(shuttingDown);
    // Connect's timer of the deadline. The server's side has one, too.
    else if (reason instanceof ConnectError && reason.code === Code.DeadlineExceeded) return;
    else if (reason !== undefined) this.#onClientLost(reason);
  };

  #onClientLost(cause: unknown): void {
    if (this.#over) return;
    const reason = reasonOfLoss(cause);
    this.#listener?.onClientLost(reason);
    if (!this.#over) this.#end(new ConnectError(reason.message, Code.Canceled));
  }

  #end(error: ConnectError | undefined): void {
    this.#over = true;
    for (const signal of this.#signals()) signal?.removeEventListener("abort", this.#onAborted);
    this.#responses.end(error);
    if (this.#pulled) void this.#answerPull();
  }
}

/** After the end of a call, Connect may never answer a request for the next one. */
const noRequest: IteratorResult<Message> = { value: undefined, done: true };

/** Over HTTP/2, Connect tells the code of a reset in the text of its error. A lost connection looks the same. */
function reasonOfLoss(cause: unknown): StreamTerminatedError {
  const [reset, code] = /\w+ \(0x([0-9a-f]+)\)/.exec(textOf(cause)) ?? [];
  if (code === undefined) return new StreamTerminatedError("The client has left", { cause });
  return new StreamTerminatedError(`The client has left: ${reset}`, { cause, code: Number.parseInt(code, 16) });
}
