import { constants, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { Message } from "@bufbuild/protobuf";
import type { CallStatus } from "../core/call-end.js";
import type { Compression } from "../core/compression.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { IncomingCall, RequestHead, RequestListener, Route } from "../transport/server.js";
import { describeReset } from "../wire/reset-code.js";
import { formatResponseHeaders, formatTrailers, formatTrailersOnly } from "../wire/response.js";
import type { MessageLimits } from "./limits.js";
import { MessageReader, type MessageSink, type ReadFailure } from "./message-reader.js";
import { type DrainListener, MessageWriter } from "./message-writer.js";
import type { OpenCalls } from "./open-calls.js";
import { type Owned, owner } from "./owner.js";
import { quickHeaders } from "./raw-headers.js";

// sendDate is missing in the types of Node.
const withTrailers = { waitForTrailers: true, sendDate: false };
const plainHeaders = formatResponseHeaders(undefined, "identity");
const quickPlainHeaders = quickHeaders(plainHeaders, "respond");
const trailersOnly = { endStream: true, sendDate: false };

/** What comes before the messages of a call, with how they are compressed. */
export interface StreamHead extends RequestHead {
  /** Of the requests, where they say that they are compressed. */
  readonly encoding: Compression;
  /** Of the responses. */
  readonly compression: Compression;
}

/** What all streams of a server have in common. */
export interface ServerStreamOptions {
  readonly limits: MessageLimits;
  readonly openCalls: OpenCalls<Http2ServerStream>;
}

type OwnedStream = Owned<ServerHttp2Stream, Http2ServerStream>;

/** An incoming call over an HTTP/2 stream. */
export class Http2ServerStream implements IncomingCall, MessageSink, DrainListener {
  readonly #stream: ServerHttp2Stream;
  /** The stream has none any more when it is destroyed. */
  readonly #session: Http2Session | undefined;
  readonly #compression: Compression;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  readonly #listener: RequestListener;
  readonly #openCalls: OpenCalls<Http2ServerStream>;
  place = 0;
  #finished = false;

  /** Runs the call. It is one of the open ones until its stream has closed. */
  constructor(stream: OwnedStream, route: Route, head: StreamHead, { limits, openCalls }: ServerStreamOptions) {
    this.#stream = stream;
    this.#session = stream.session;
    this.#compression = head.compression;
    this.#writer = new MessageWriter(route.method.desc.output, head.compression, limits.maxSendBytes, this);
    this.#listener = route.handle(this, head);
    this.#reader = new MessageReader(route.method.desc.input, limits.maxReceiveBytes, this);
    this.#reader.encoding = head.encoding;
    this.#openCalls = openCalls;
    openCalls.add(this);
    stream[owner] = this;
    stream.on("data", Http2ServerStream.#received);
    stream.on("end", Http2ServerStream.#ended);
    // The handler of a single request runs once the request has ended, after which only "close" comes.
    if (!route.method.singleRequest) stream.on("aborted", Http2ServerStream.#aborted);
    stream.on("close", Http2ServerStream.#closed);
  }

  sendHeaders(metadata: Metadata | undefined): void {
    if (this.#stream.destroyed || this.#stream.headersSent) return;
    const headers = formatResponseHeaders(metadata, this.#compression);
    this.#stream.respond(headers === plainHeaders ? quickPlainHeaders : headers, withTrailers);
    this.#writer.attach(this.#stream);
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

  static #received(this: OwnedStream, chunk: Buffer): void {
    const call = this[owner];
    if (call !== undefined) call.#check(call.#reader.push(chunk));
  }

  static #ended(this: OwnedStream): void {
    const call = this[owner];
    if (call === undefined) return;
    if (call.#check(call.#reader.end())) call.#listener.onRequestsEnd();
  }

  /** It comes at once, but before a connection that is lost shows that it is. */
  static #aborted(this: OwnedStream): void {
    const call = this[owner];
    if (call !== undefined) setImmediate(() => call.#terminated());
  }

  /** It comes also where the requests had ended. */
  static #closed(this: OwnedStream): void {
    const call = this[owner];
    if (call === undefined) return;
    call.#openCalls.delete(call);
    call.#terminated();
    this[owner] = undefined;
  }

  #check(failure: ReadFailure | undefined): boolean {
    if (failure !== undefined && !this.#finished) this.#listener.onFailure(failure.status, failure.message);
    // A stream that is reset ends too.
    return failure === undefined && !this.#finished && !this.#stream.aborted;
  }

  #terminated(): void {
    if (this.#finished) return;
    this.#finished = true;
    const { rstCode } = this.#stream;
    if (this.#session?.destroyed !== false)
      this.#listener.onTerminated(undefined, "The connection to the client was lost");
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
