import type { Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { CallFailure, CallStatus } from "../errors/call-end.js";
import { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import type { OpenCalls } from "../transport/open-calls.js";
import type { IncomingCall, RequestHead, RequestListener, Route } from "../transport/server.js";
import { acceptsEncoding } from "../wire/encoding.js";
import { checkHeaderSize, headerBlockSize } from "../wire/header-size.js";
import { describeReset, ResetCode } from "../wire/reset-code.js";
import { formatResponseHeaders, formatTrailersOnly } from "../wire/response.js";
import { droppedError, fitTrailers, TRAILERS_ONLY_BYTES } from "../wire/trailer-budget.js";
import type { CallTally, CountedCall } from "./call-tally.js";
import { nextMicrotask, nextTurn } from "./event-loop.js";
import type { MessageMemory } from "./memory-budget.js";
import { MessageReader } from "./message-reader.js";
import type { MessageFormat, MessageSink } from "./message-sink.js";
import { type DrainListener, MessageWriter } from "./message-writer.js";
import type { NodeServerSession } from "./node-server-session.js";
import type { NodeServerStream, ServerStreamEvents } from "./node-server-stream.js";
import { reusableHeaders } from "./raw-headers.js";

const plainHeaders = formatResponseHeaders(undefined, "identity");
const reusablePlainHeaders = reusableHeaders(plainHeaders, "respond");

/** What all calls of a method share, so that each of thousands of calls keeps less. */
export interface SharedByCalls {
  readonly route: Route;
  readonly requestFormat: MessageFormat;
  readonly maxSendBytes: number;
  /** The compression of responses, where the client accepts it. */
  readonly compression: Compression;
  /** The maximum size of the trailers, in bytes. */
  readonly trailerBudget: number;
  readonly openCalls: OpenCalls<Http2ServerStream>;
  readonly tally: CallTally;
  /** Reports an error that no client learns of. */
  report(error: unknown, peer: string): void;
}

/** The options of an {@link Http2ServerStream}. */
export interface ServerStreamOptions {
  readonly stream: NodeServerStream;
  readonly session: NodeServerSession;
  /** The compression of requests whose compressed flag is set. */
  readonly requestEncoding: Compression;
  /** The `grpc-accept-encoding` of the client. */
  readonly acceptedEncodings: string;
}

/**
 * An incoming call over an HTTP/2 stream, from `start()` until the stream has
 * closed. It is finished once the status is sent or the client is lost. After
 * that the `RequestListener` gets only answers to pulls, and failures to report.
 */
export class Http2ServerStream implements IncomingCall, ServerStreamEvents, MessageSink, DrainListener, CountedCall {
  readonly #stream: NodeServerStream;
  readonly #session: NodeServerSession;
  readonly #shared: SharedByCalls;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  #listener: RequestListener | undefined;
  /** The index of this call in `OpenCalls`. */
  index = 0;
  #finished = false;
  readonly #acceptedEncodings: string;
  /** Whether to compress responses, if the headers declare a compression. */
  #compress = true;
  /** Whether the client may reset the stream although it has been answered: its deadline expires too. */
  #clientMayReset = false;

  constructor(shared: SharedByCalls, options: ServerStreamOptions) {
    const { stream, session, requestEncoding, acceptedEncodings } = options;
    this.#stream = stream;
    this.#session = session;
    this.#shared = shared;
    this.#acceptedEncodings = acceptedEncodings;
    this.#writer = new MessageWriter({
      schema: shared.route.method.desc.output,
      encoding: acceptsEncoding(acceptedEncodings, shared.compression) ? shared.compression : "identity",
      maxBytes: shared.maxSendBytes,
      listener: this,
      kept: undefined,
    });
    this.#reader = new MessageReader(shared.requestFormat, this);
    this.#reader.encoding = requestEncoding;
  }

  /** Starts the call. Call it once. */
  start(head: RequestHead): void {
    const { openCalls, route, tally } = this.#shared;
    openCalls.add(this);
    tally.onStarted();
    this.#session.onCallOpened();
    this.#stream.listen(this);
    // With a single request, the handler runs after the request has ended. Until then, aborts matter only while the stream
    // is paused.
    if (!route.method.singleRequest) this.#stream.listenForAborts();
    this.#listener = route.handle(this, head);
  }

  get path(): string {
    return this.#shared.route.method.path;
  }

  get peer(): string {
    return this.#session.peer;
  }

  get memory(): MessageMemory | undefined {
    return this.#session.memory;
  }

  get compression(): Compression {
    return this.#compress ? this.#writer.encoding : "identity";
  }

  useCompression(compression: Compression): boolean {
    const accepted = acceptsEncoding(this.#acceptedEncodings, compression) ? compression : "identity";
    if (!this.#stream.headersSent) this.#writer.encoding = accepted;
    if (accepted !== "identity" && accepted !== this.#writer.encoding) return false;
    this.#compress = accepted === this.#writer.encoding;
    return true;
  }

  sendHeaders(metadata: Metadata | undefined): void {
    this.#session.hasSent = true;
    if (this.#stream.headersSent) return;
    const headers = formatResponseHeaders(metadata, this.#writer.encoding);
    if (metadata !== undefined) checkHeaderSize(headerBlockSize(headers), this.#session.maxHeaderBytes, "client");
    const sent = this.#stream.respond(headers === plainHeaders ? reusablePlainHeaders : headers);
    if (sent) this.#writer.attach(this.#stream);
  }

  send(message: Message, last: boolean): boolean {
    // Add the message first: if it cannot be encoded, no headers must have been sent.
    const mayFollow = this.#writer.add(message, last, this.#compress);
    this.sendHeaders(undefined);
    return mayFollow;
  }

  finish(status: CallStatus): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#shared.tally.onEnded(status, this);
    this.#clientMayReset = status.status === Status.DEADLINE_EXCEEDED;
    this.#respond(status);
    // Nobody reads on, and a stream that is paused does not learn of a reset.
    this.#stream.resume();
    this.#reader.abandon();
  }

  #respond(status: CallStatus): void {
    this.#session.hasSent = true;
    const { trailerBudget } = this.#shared;
    const { maxHeaderBytes, peer } = this.#session;
    const { headers, size, dropped } = fitTrailers(status, Math.min(trailerBudget, maxHeaderBytes));
    if (dropped.length > 0) this.#shared.report(droppedError(dropped, trailerBudget, maxHeaderBytes), peer);
    if (!this.#stream.headersSent && status.status !== Status.OK && size <= TRAILERS_ONLY_BYTES) {
      return this.#stream.respondHeadersOnly(formatTrailersOnly(headers));
    }
    this.sendHeaders(undefined);
    this.#stream.sendTrailers(headers);
    this.#writer.end();
  }

  pull(): void {
    this.#reader.pull();
  }

  onMessage(message: Message): void {
    this.#listener?.onMessage(message);
  }

  onMessagesEnd(failure: CallFailure | undefined): void {
    // A handler may end its call and pull requests before handle() has returned.
    if (this.#listener === undefined) return nextMicrotask(() => this.onMessagesEnd(failure));
    if (failure !== undefined && !this.#finished) this.#listener.onFailure(failure);
    this.#listener.onMessagesEnd();
  }

  onDrain(): void {
    this.#listener?.onDrain();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Ends the call with UNAVAILABLE if its connection is too old, or because the server is closing. */
  abort(old: NodeServerSession | undefined): void {
    if (old !== undefined && old !== this.#session) return;
    const message = old === undefined ? "The server is shutting down" : "The connection has reached its maximum age";
    this.#listener?.onFailure({ status: Status.UNAVAILABLE, message });
  }

  onData(chunk: Buffer): void {
    if (!this.#finished) this.#reader.push(chunk);
  }

  onEnd(): void {
    // A reset with NO_ERROR also arrives as an end, but then the client has gone and the requests are incomplete.
    if (!this.#stream.aborted) this.#reader.end();
    this.#stream.freeIfReset();
  }

  onAborted(): void {
    this.#stream.resume();
    // Only in the next turn is it known whether the connection was lost.
    nextTurn(() => this.#onClientLost());
    this.#stream.freeIfReset();
  }

  onClose(): void {
    this.#shared.openCalls.delete(this);
    this.#session.onCallClosed(this.#clientMayReset || this.#stream.mayBeReset);
    // Data that arrived while the stream was paused is still buffered, but no longer emitted.
    if (!this.#finished) for (const chunk of this.#stream.takePending()) this.#reader.push(chunk);
    this.#onClientLost();
  }

  onBroken(cause: unknown): void {
    // If sending the status itself failed, the stream can only be reset.
    const canAnswer = !this.#finished && this.#listener !== undefined;
    if (this.#listener === undefined) this.#shared.report(cause, this.#session.peer);
    else this.#listener.onFailure({ status: Status.INTERNAL, message: "Internal Server Error", cause });
    if (!canAnswer) this.#stream.reset(ResetCode.INTERNAL_ERROR);
  }

  #onClientLost(): void {
    if (this.#finished) return;
    const reason = this.#reasonOfLoss();
    this.#listener?.onClientLost(reason);
    if (!this.#finished) this.#shared.tally.onEnded({ status: Status.CANCELLED, message: reason.message }, this);
    this.#finished = true;
    // Cut the requests last, so that the handler sees this reason rather than a regular end of the requests.
    this.#reader.cut();
  }

  #reasonOfLoss(): StreamTerminatedError {
    if (this.#session.lost) return new StreamTerminatedError("The connection to the client was lost");
    const code = this.#stream.resetCode;
    return new StreamTerminatedError(`The client reset the stream with ${describeReset(code)}`, { code });
  }
}
