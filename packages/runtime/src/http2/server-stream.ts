import type { Message } from "@bufbuild/protobuf";
import type { CallStatus } from "../core/call-end.js";
import type { Compression } from "../core/compression.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { IncomingCall, RequestHead, RequestListener, Route } from "../transport/server.js";
import { describeReset, ResetCode } from "../wire/reset-code.js";
import { formatResponseHeaders } from "../wire/response.js";
import type { MessageLimits } from "./limits.js";
import type { ConnectionMemory } from "./memory-budget.js";
import { type MessageFormat, MessageReader, type MessageSink } from "./message-reader.js";
import { type DrainListener, MessageWriter } from "./message-writer.js";
import type { NodeServerSession } from "./node-server.js";
import type { NodeServerStream, ServerStreamEvents } from "./node-server-stream.js";
import type { OpenCalls } from "./open-calls.js";
import { quickHeaders } from "./raw-headers.js";
import type { ReadFailure } from "./read-failure.js";

const plainHeaders = formatResponseHeaders(undefined, "identity");
const quickPlainHeaders = quickHeaders(plainHeaders, "respond");

/** What comes before the messages of a call, with how they are compressed. */
export interface StreamHead extends RequestHead {
  /** Of the requests, where they say that they are compressed. */
  readonly encoding: Compression;
  /** Of the responses. */
  readonly compression: Compression;
}

/** What a stream does not have for itself. */
export interface ServerStreamOptions {
  readonly limits: MessageLimits;
  /** Shared by the calls of a method: they may wait by the thousand. */
  readonly requestFormat: MessageFormat;
  readonly openCalls: OpenCalls<Http2ServerStream>;
  readonly session: NodeServerSession;
}

/** An incoming call over an HTTP/2 stream. */
export class Http2ServerStream implements IncomingCall, ServerStreamEvents, MessageSink, DrainListener {
  readonly #stream: NodeServerStream;
  readonly #session: NodeServerSession;
  readonly #openCalls: OpenCalls<Http2ServerStream>;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  readonly #listener: RequestListener;
  place = 0;
  #finished = false;

  /** Runs the call. It is one of the open ones until its stream has closed. */
  constructor(stream: NodeServerStream, route: Route, head: StreamHead, options: ServerStreamOptions) {
    const { limits, requestFormat, openCalls, session } = options;
    this.#stream = stream;
    this.#session = session;
    this.#openCalls = openCalls;
    openCalls.add(this);
    stream.listen(this);
    const { desc, singleRequest } = route.method;
    // The handler of a single request runs once the request has ended, after which only onClose() comes.
    if (!singleRequest) stream.listenForAborts();
    this.#writer = new MessageWriter(desc.output, head.compression, limits.maxSendBytes, this);
    this.#reader = new MessageReader(requestFormat, this);
    this.#reader.encoding = head.encoding;
    this.#listener = route.handle(this, head);
  }

  get memory(): ConnectionMemory | undefined {
    return this.#session.memory;
  }

  sendHeaders(metadata: Metadata | undefined): void {
    if (this.#stream.headersSent) return;
    const headers = formatResponseHeaders(metadata, this.#writer.encoding);
    const sent = this.#stream.respond(headers === plainHeaders ? quickPlainHeaders : headers);
    if (sent) this.#writer.attach(this.#stream);
  }

  send(message: Message, last: boolean): boolean {
    // Encodes it first: what cannot be sent is answered without headers.
    const accepted = this.#writer.add(message, last);
    this.sendHeaders(undefined);
    return accepted;
  }

  finish(end: CallStatus): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#respond(end);
    this.#reader.abandon();
  }

  #respond(end: CallStatus): void {
    if (!this.#stream.headersSent && end.status !== Status.OK) return this.#stream.respondTrailersOnly(end);
    this.sendHeaders(undefined);
    this.#stream.sendTrailers(end);
    this.#writer.end();
  }

  pull(): void {
    this.#reader.pull();
  }

  onMessage(message: Message): void {
    this.#listener.onMessage(message);
  }

  onMessagesEnd(failure: ReadFailure | undefined): void {
    if (failure !== undefined && !this.#finished) this.#listener.onFailure(failure);
    this.#listener.onRequestsEnd();
  }

  onDrain(): void {
    this.#listener.onDrain();
  }

  pause(): void {
    // A stream that has been reset must not be held: it would never close.
    if (!this.#stream.aborted) this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Ends the call, because the server closes. */
  abort(): void {
    this.#listener.onFailure({ status: Status.UNAVAILABLE, message: "The server is shutting down" });
  }

  onData(chunk: Buffer): void {
    if (!this.#finished) this.#reader.push(chunk);
  }

  onEnd(): void {
    // A reset with NO_ERROR comes as an end too. It is not the end of the requests: the client has left.
    if (!this.#stream.aborted) this.#reader.end();
  }

  /** A connection that is lost does not show yet that it is. */
  onAborted(): void {
    this.#stream.resume();
    setImmediate(() => this.#terminated());
  }

  onClose(): void {
    this.#openCalls.delete(this);
    // What arrived while the stream was paused is still there, though it will not flow any more.
    if (!this.#finished) for (const chunk of this.#stream.takePending()) this.#reader.push(chunk);
    this.#terminated();
  }

  onBroken(cause: unknown): void {
    // Where the answer is what could not be sent, there is no other one.
    const answered = this.#finished;
    this.#listener.onFailure({ status: Status.INTERNAL, message: "Internal Server Error", cause });
    if (answered) this.#stream.reset(ResetCode.INTERNAL_ERROR);
  }

  #terminated(): void {
    if (this.#finished) return;
    this.#finished = true;
    const { resetCode } = this.#stream;
    if (this.#session.destroyed) this.#listener.onTerminated(undefined, "The connection to the client was lost");
    else this.#listener.onTerminated(resetCode, `The client reset the stream with ${describeReset(resetCode)}`);
    // After the reason is known, which the handler gets in place of a regular end.
    this.#reader.cut();
  }
}
