import type { Message } from "@bufbuild/protobuf";
import type { CallEnd } from "../core/call-end.js";
import type { Compression } from "../core/compression.js";
import { Status } from "../core/status.js";
import type { CallRequest, OutgoingCall, ResponseListener } from "../transport/client.js";
import { type RawHeaders, ReceivedMetadata } from "../wire/headers.js";
import { endOfReset, parseResponse, parseTrailers } from "../wire/response.js";
import type { MessageLimits } from "./limits.js";
import { MessageReader, type MessageSink } from "./message-reader.js";
import { MessageWriter } from "./message-writer.js";
import type { ClientStreamEvents, NodeClientStream } from "./node-client-stream.js";
import type { ReadFailure } from "./read-failure.js";

/** A response that is no gRPC is read on, for a status in its trailers, but no further and no longer than this. */
const MAX_FOREIGN_BYTES = 16 * 1024;
const MAX_FOREIGN_MS = 1000;

/** The connection that carries a call. */
export interface Carrier {
  /** Address of the server. */
  readonly peer: string;
  /** Opens a stream for a call. @throws Error if the connection takes no more */
  request(request: StreamRequest): NodeClientStream;
  /** How a call ended whose stream closed without a status, if that is because of the connection. */
  explain(rstCode: number): CallEnd | undefined;
  /** A stream has closed. */
  released(): void;
}

/** What all streams of a channel have in common. */
export interface StreamOptions {
  readonly limits: MessageLimits;
  /** Told when a call is cancelled before it was opened. */
  readonly withdraw: (stream: Http2ClientStream) => void;
}

/** What goes out with the request headers, with the settings of the channel in it. */
export interface StreamRequest extends CallRequest {
  readonly compression: Compression;
}

/** An outgoing call over an HTTP/2 stream. It takes requests before there is a connection. */
export class Http2ClientStream implements OutgoingCall, ClientStreamEvents, MessageSink {
  readonly request: StreamRequest;
  readonly #listener: ResponseListener;
  readonly #options: StreamOptions;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  #carrier: Carrier | undefined;
  #stream: NodeClientStream | undefined;
  /** The outcome as far as the peer has told it: by trailers, or by headers that are not those of gRPC. */
  #told: CallEnd | undefined;
  /** Bytes of a response that is no gRPC; `undefined` for one that is. */
  #foreignBytes: number | undefined;
  #foreignTimer: NodeJS.Timeout | undefined;
  /** The outcome, once everything has arrived. */
  #end: CallEnd | undefined;
  #over = false;

  constructor(request: StreamRequest, listener: ResponseListener, options: StreamOptions) {
    const { input, output } = request.method.desc;
    this.request = request;
    this.#listener = listener;
    this.#options = options;
    this.#writer = new MessageWriter(input, request.compression, options.limits.maxSendBytes, listener);
    const format = { schema: output, maxBytes: options.limits.maxReceiveBytes, single: false };
    this.#reader = new MessageReader(format, this);
  }

  /** Not limited: responses are what the caller has asked for. */
  get memory(): undefined {
    return undefined;
  }

  get peer(): string | undefined {
    return this.#carrier?.peer;
  }

  /** Opens the call on a connection. @throws Error if the connection takes no more; nothing has been sent then */
  open(carrier: Carrier): void {
    const stream = carrier.request(this.request);
    this.#carrier = carrier;
    this.#stream = stream;
    stream.listen(this);
    this.#writer.attach(stream);
  }

  /** Ends the call because it cannot be opened. */
  refuse(end: CallEnd): void {
    this.#finish(end);
  }

  send(message: Message, last: boolean): boolean {
    return this.#writer.add(message, last);
  }

  end(): void {
    this.#writer.end();
  }

  cancel(): void {
    this.#over = true;
    if (this.#stream === undefined) this.#options.withdraw(this);
    this.#reader.abandon();
    this.#release();
  }

  pull(): void {
    this.#reader.pull();
  }

  pause(): void {
    if (!this.#over) this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  onMessage(message: Message): void {
    this.#listener.onMessage(message);
    this.#finishIfRead();
  }

  onMessagesEnd(failure: ReadFailure | undefined): void {
    const end = failure && ({ ...failure, origin: "client" } as const);
    if (end !== undefined) this.#giveUp(end);
    this.#listener.onMessagesEnd(end);
  }

  onResponse(httpStatus: number, last: boolean, raw: RawHeaders): void {
    const { refusal, encoding } = parseResponse(httpStatus, raw);
    if (last) {
      this.#told = refusal;
      this.onTrailers(raw);
    } else if (refusal !== undefined && !this.#over) {
      this.#told = refusal;
      this.#foreignBytes = 0;
      this.#foreignTimer = setTimeout(() => this.#giveUp(refusal), MAX_FOREIGN_MS);
    } else if (encoding !== undefined && !this.#over) {
      this.#reader.encoding = encoding;
      this.#listener.onHeaders(new ReceivedMetadata(raw));
    }
  }

  onTrailers(raw: RawHeaders): void {
    const status = parseTrailers(raw);
    if (status === undefined) return;
    // A status that a server did send explains more than the headers of a proxy.
    if (this.#told === undefined || (status.origin === "peer" && status.status !== Status.OK)) this.#told = status;
  }

  onData(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#foreignBytes === undefined) return this.#reader.push(chunk);
    this.#foreignBytes += chunk.length;
    if (this.#foreignBytes > MAX_FOREIGN_BYTES && this.#told !== undefined) this.#giveUp(this.#told);
  }

  onEnd(): void {
    if (this.#told === undefined) this.#explainLater();
    else this.#finishWith(this.#told);
  }

  onClose(): void {
    this.#carrier?.released();
    if (this.#over) return;
    // What arrived while the stream was paused is still there, though it will not flow any more.
    for (const chunk of this.#stream?.takePending() ?? []) this.onData(chunk);
    this.onEnd();
  }

  onBroken(cause: unknown): void {
    this.#giveUp({ status: Status.INTERNAL, message: "The call failed inside the client", origin: "client", cause });
  }

  /** Ends the call, as soon as what was asked for has been read: that may still fail, and the deadline counts for it. */
  #finishWith(end: CallEnd): void {
    this.#end = end;
    if (end.status === Status.OK) this.#reader.end();
    this.#finishIfRead();
  }

  #finishIfRead(): void {
    if (this.#end !== undefined && !this.#reader.busy) this.#finish(this.#end);
  }

  /**
   * Finds the reason why there is no status, once all that belongs to it has
   * happened: a stream ends before it closes, though while we are sending it need
   * not close at all, and it closes before the connection that is lost.
   */
  #explainLater(): void {
    setImmediate(() => {
      const code = this.#stream?.resetCode ?? 0;
      this.#finishWith(this.#carrier?.explain(code) ?? endOfReset(code));
    });
  }

  /** Ends the call for a reason that we have found, unless it is known already why it failed. */
  #giveUp(end: CallEnd): void {
    const known = this.#told ?? this.#end;
    this.#finish(known !== undefined && known.status !== Status.OK ? known : end);
  }

  #finish(end: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.onEnd(end);
    this.#release();
  }

  #release(): void {
    this.#stream?.release();
    clearTimeout(this.#foreignTimer);
    this.#reader.cut();
  }
}
