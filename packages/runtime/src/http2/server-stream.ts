import { constants, type ServerHttp2Stream } from "node:http2";
import type { Message } from "@bufbuild/protobuf";
import type { CallStatus } from "../core/call-end.js";
import type { Compression } from "../core/compression.js";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import { Status } from "../core/status.js";
import type { IncomingCall, RequestListener, Route } from "../transport/server.js";
import { describeReset } from "../wire/reset-code.js";
import { formatResponseHeaders, formatTrailers, formatTrailersOnly } from "../wire/response.js";
import type { MessageLimits } from "./limits.js";
import { MessageReader, type MessageSink, type ReadFailure } from "./message-reader.js";
import { type DrainListener, MessageWriter } from "./message-writer.js";

// sendDate is missing in the types of Node.
const withTrailers = { waitForTrailers: true, sendDate: false };
const trailersOnly = { endStream: true, sendDate: false };

/** What came with the headers of a request. */
export interface RequestHead {
  /** How the requests may be compressed. */
  readonly encoding: Compression;
  /** How the responses are compressed. */
  readonly compression: Compression;
  readonly headers: { readonly metadata: Metadata };
  readonly timeout: number | undefined;
  readonly peer: string;
}

/** An incoming call over an HTTP/2 stream. */
export class Http2ServerStream implements IncomingCall, MessageSink, DrainListener {
  readonly method: Method;
  readonly timeout: number | undefined;
  readonly peer: string;
  readonly #headers: { readonly metadata: Metadata };
  readonly #stream: ServerHttp2Stream;
  readonly #compression: Compression;
  readonly #writer: MessageWriter;
  readonly #listener: RequestListener;
  #finished = false;

  /** Runs the call. */
  constructor(stream: ServerHttp2Stream, route: Route, head: RequestHead, limits: MessageLimits) {
    this.method = route.method;
    this.#headers = head.headers;
    this.timeout = head.timeout;
    this.peer = head.peer;
    this.#stream = stream;
    this.#compression = head.compression;
    this.#writer = new MessageWriter(route.method.desc.output, limits.maxSendBytes, this);
    this.#writer.encoding = head.compression;
    this.#listener = route.handle(this);
    const reader = new MessageReader(route.method.desc.input, limits.maxReceiveBytes, this);
    reader.encoding = head.encoding;
    this.#read(reader);
  }

  get metadata(): Metadata {
    return this.#headers.metadata;
  }

  sendHeaders(metadata: Metadata | undefined): void {
    if (this.#stream.destroyed || this.#stream.headersSent) return;
    this.#stream.respond(formatResponseHeaders(metadata, this.#compression), withTrailers);
    this.#writer.attach(this.#stream);
  }

  send(message: Message): boolean {
    // Encodes it first: what cannot be sent is answered without headers.
    const accepted = this.#writer.add(message);
    this.sendHeaders(undefined);
    return accepted;
  }

  finish(end: CallStatus): void {
    if (this.#finished) return;
    this.#finished = true;
    const stream = this.#stream;
    if (stream.destroyed) return;
    if (!stream.headersSent && end.status !== Status.OK) {
      respondTrailersOnly(stream, end);
      return;
    }
    this.sendHeaders(undefined);
    stream.on("wantTrailers", () => {
      stream.sendTrailers(formatTrailers(end));
      closeUnread(stream);
    });
    this.#writer.end();
  }

  onMessage(message: Message, bytes: number): void {
    if (!this.#finished) this.#listener.onMessage(message, bytes);
  }

  onDrain(): void {
    this.#listener.onDrain();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Ends the call, because the server closes. */
  abort(): void {
    this.#listener.onFailure(Status.UNAVAILABLE, "The server is shutting down");
  }

  #read(reader: MessageReader): void {
    const stream = this.#stream;
    stream.on("data", (chunk: Buffer) => this.#check(reader.push(chunk)));
    stream.on("end", () => {
      if (this.#check(reader.end())) this.#listener.onRequestsEnd();
    });
    // "aborted" comes at once, but before a connection that is lost shows that it is; "close" comes also where the
    // requests had ended.
    const { session } = stream;
    const terminated = () => this.#terminated(session?.destroyed !== false);
    stream.on("aborted", () => setImmediate(terminated));
    stream.on("close", terminated);
  }

  #check(failure: ReadFailure | undefined): boolean {
    if (failure !== undefined && !this.#finished) this.#listener.onFailure(failure.status, failure.message);
    // A stream that is reset ends too.
    return failure === undefined && !this.#finished && !this.#stream.aborted;
  }

  #terminated(lost: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    const { rstCode } = this.#stream;
    if (lost) this.#listener.onTerminated(undefined, "The connection to the client was lost");
    else this.#listener.onTerminated(rstCode, `The client reset the stream with ${describeReset(rstCode ?? 0)}`);
  }
}

/** Answers a call with a status and nothing else. */
export function respondTrailersOnly(stream: ServerHttp2Stream, end: CallStatus): void {
  if (stream.destroyed) return;
  stream.respond(formatTrailersOnly(end), trailersOnly);
  closeUnread(stream);
}

/** Lets go of a stream that has been answered. */
export function closeUnread(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  stream.resume();
  // Where the client is still sending, the stream would stay open until it stops.
  // A reset at once would overtake the trailers.
  setImmediate(() => {
    if (!stream.readableEnded && !stream.destroyed) stream.close(constants.NGHTTP2_NO_ERROR);
  });
}
