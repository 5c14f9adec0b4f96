import type { Message } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import type { CallEnd, CallFailure, CallStatus } from "../errors/call-end.js";
import type { CallRequest, OutgoingCall, PendingReason, ResponseListener } from "../transport/client.js";
import { metadataOf, type RawHeaders } from "../wire/headers.js";
import { endOfReset, parseResponse, parseTrailers } from "../wire/response.js";
import type { QueuedCall, StreamOpener } from "./call-queue.js";
import type { CountedCall } from "./call-tally.js";
import { nextTurn } from "./event-loop.js";
import { ForeignResponse } from "./foreign-response.js";
import { MessageReader } from "./message-reader.js";
import type { MessageSink } from "./message-sink.js";
import { MessageWriter } from "./message-writer.js";
import type { ClientStreamEvents, NodeClientStream } from "./node-client-stream.js";
import type { StreamOptions } from "./stream-options.js";
import { TimeLimit } from "./time-limit.js";
import { mayRetry, type Retries } from "./transparent-retries.js";

/**
 * An outgoing call over an HTTP/2 stream.
 *
 * It accepts requests at once; `open()` gives it a connection later. The stream
 * then delivers what the server sends: headers, data, trailers, the end, and the
 * close of the stream. The call ends with the status in the trailers, as soon as
 * the pending pull is answered. If there is no status, the connection or the
 * reset code of the stream explains the end. If the server has not processed the
 * call, it is sent again on another stream, and the caller does not notice.
 */
export class Http2ClientStream implements OutgoingCall, QueuedCall, ClientStreamEvents, MessageSink, CountedCall {
  readonly request: CallRequest;
  readonly #listener: ResponseListener;
  readonly #options: StreamOptions;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  readonly #limit: TimeLimit | undefined;
  #opener: StreamOpener | undefined;
  #stream: NodeClientStream | undefined;
  #foreign: ForeignResponse | undefined;
  /** The outcome according to headers and trailers. */
  #peerEnd: CallEnd | undefined;
  /** The outcome, once everything has arrived. */
  #end: CallEnd | undefined;
  #received: "nothing" | "headers" | "trailers" = "nothing";
  readonly #retries: Retries = { departed: 0, refused: 0 };
  /** Data that arrived before the headers. Only Deno's node:http2 delivers it in this order. */
  #early: Buffer[] | undefined;
  /** Whether the listener has been given the outcome, or the caller has cancelled. */
  #over = false;

  constructor(request: CallRequest, listener: ResponseListener, options: StreamOptions) {
    const { input, output } = request.method.desc;
    this.request = request;
    this.#limit = request.timeout === undefined ? undefined : new TimeLimit(request.timeout);
    this.#listener = listener;
    this.#options = options;
    this.#writer = new MessageWriter({
      schema: input,
      encoding: request.compression ?? "identity",
      maxBytes: options.limits.maxSendBytes,
      listener,
      kept: (request.retry ?? options.retry) === false ? undefined : options.kept,
    });
    options.tally.onStarted();
    this.#reader = new MessageReader({ schema: output, maxBytes: options.limits.maxReceiveBytes, single: false }, this);
  }

  get path(): string {
    return this.request.method.path;
  }

  get peer(): string | undefined {
    return this.#opener?.peer;
  }

  whyPending(): PendingReason | undefined {
    return this.#stream === undefined ? this.#options.queue.whyPending() : undefined;
  }

  get expired(): boolean {
    return this.#limit?.expired ?? false;
  }

  open(opener: StreamOpener): void {
    const { request } = this;
    const timeout = this.#limit?.timeout;
    const stream = opener.request(timeout === request.timeout ? request : { ...request, timeout });
    this.#opener = opener;
    this.#stream = stream;
    stream.listen(this);
    this.#writer.attach(stream);
  }

  refuse(end: CallEnd): void {
    this.#finish(end);
  }

  send(message: Message, last: boolean, compress?: boolean): boolean {
    return this.#writer.add(message, last, compress);
  }

  end(): void {
    this.#writer.end();
  }

  cancel(end: CallStatus = { status: Status.CANCELLED }): void {
    if (!this.#over) this.#options.tally.onEnded(end, this);
    this.#over = true;
    if (this.#stream === undefined) this.#options.queue.withdraw(this);
    this.#reader.abandon();
    this.#release();
  }

  pull(): void {
    this.#reader.pull();
  }

  pause(): void {
    if (!this.#over && this.#received !== "trailers") this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  onMessage(message: Message): void {
    this.#listener.onMessage(message);
    this.#finishIfRead();
  }

  onMessagesEnd(failure: CallFailure | undefined): void {
    const end = failure && ({ ...failure, origin: "client" } as const);
    if (end !== undefined) this.#fail(end);
    this.#listener.onMessagesEnd(end);
  }

  onResponse(httpStatus: number, last: boolean, raw: RawHeaders): void {
    this.#received = "headers";
    this.#writer.commit();
    const { refusal, encoding } = parseResponse(httpStatus, raw);
    this.#peerEnd = refusal;
    if (last) {
      this.onTrailers(raw);
    } else if (refusal !== undefined && !this.#over) {
      this.#foreign = new ForeignResponse(refusal, (end) => this.#fail(end)).start();
    } else if (encoding !== undefined && !this.#over) {
      this.#reader.encoding = encoding;
      this.#listener.onHeaders(metadataOf(raw));
    }
    if (this.#early === undefined) return;
    for (const chunk of this.#early) this.onData(chunk);
    this.#early = undefined;
  }

  onTrailers(raw: RawHeaders): void {
    this.#received = "trailers";
    // Node holds back the end of a paused stream, but a sender must learn of it. What is left fits into the window.
    this.resume();
    const end = parseTrailers(raw);
    // An error status that the server sent explains more than the headers of a proxy.
    if (this.#peerEnd === undefined || (end?.origin === "peer" && end.status !== Status.OK)) this.#peerEnd = end;
  }

  onData(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#received !== "nothing") (this.#foreign ?? this.#reader).push(chunk);
    else this.#early = [...(this.#early ?? []), chunk];
  }

  onEnd(): void {
    if (this.#peerEnd === undefined) this.#explainLater();
    else this.#finishWith(this.#peerEnd);
  }

  onClose(): void {
    this.#opener?.onStreamClosed(this.#stream?.resetCode ?? 0);
    if (this.#over) return;
    // Data that arrived while the stream was paused is still buffered, but no longer emitted.
    for (const chunk of this.#stream?.takePending() ?? []) this.onData(chunk);
    this.onEnd();
  }

  onBroken(cause: unknown): void {
    this.#fail({ status: Status.INTERNAL, message: "The call failed inside the client", origin: "client", cause });
  }

  /** Ends the call once the pending pull is answered: its message may still fail, or the deadline expire before. */
  #finishWith(end: CallEnd): void {
    this.#end = end;
    if (end.status === Status.OK) this.#reader.end();
    this.#finishIfRead();
  }

  #finishIfRead(): void {
    if (this.#end !== undefined && !this.#reader.busy) this.#finish(this.#end);
  }

  /**
   * Finds out why there is no status. The reason is known one turn later, because
   * a stream ends before it closes, and closes before a lost connection does. It
   * cannot wait for the close of the stream: while this side is still sending, the
   * stream may never close.
   */
  #explainLater(): void {
    const stream = this.#stream;
    nextTurn(() => {
      if (stream === undefined || stream !== this.#stream) return;
      const lost = this.#opener?.endFor(stream);
      const end = lost ?? endOfReset(stream.resetCode);
      // A server that has answered has processed the call, whatever its reset says.
      if (this.#received !== "nothing") this.#finishWith({ ...end, unprocessed: undefined });
      else if (end.unprocessed === undefined || !this.#retry(stream, lost ? "departed" : "refused"))
        this.#finishWith(end);
    });
  }

  /** Sends the call again, on another stream, if that is possible. @returns whether it is */
  #retry(stream: NodeClientStream, reason: keyof Retries): boolean {
    if (this.#over || !this.#writer.repeatable || !mayRetry(this.request, this.#retries, reason)) return false;
    const opener = this.#opener;
    this.#retries[reason] += 1;
    if (this.request.retried !== undefined && reason === "refused") this.request.retried.refusals.count += 1;
    this.#options.retries.transparent += 1;
    this.#opener = undefined;
    this.#stream = undefined;
    stream.abandon(() => opener?.onStreamClosed(stream.resetCode));
    this.#options.queue.open(this, true);
    return true;
  }

  /** Ends the call for a reason found on this side, unless the server has already sent an error status. */
  #fail(end: CallEnd): void {
    const known = this.#peerEnd ?? this.#end;
    this.#finish(known !== undefined && known.status !== Status.OK ? known : end);
  }

  #finish(end: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.tally.onEnded(end, this);
    this.#listener.onEnd(end);
    this.#release();
  }

  #release(): void {
    this.#stream?.release();
    this.#foreign?.release();
    this.#reader.cut();
    this.#writer.commit();
  }
}
