import type { Message } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import type { CallEnd, CallFailure } from "../errors/call-end.js";
import type { CallRequest, OutgoingCall, ResponseListener } from "../transport/client.js";
import { metadataOf, type RawHeaders } from "../wire/headers.js";
import { endOfReset, parseResponse, parseTrailers } from "../wire/response.js";
import { ForeignResponse } from "./foreign-response.js";
import type { MessageLimits } from "./message-limits.js";
import { MessageReader, type MessageSink } from "./message-reader.js";
import { MessageWriter } from "./message-writer.js";
import type { ClientStreamEvents, NodeClientStream } from "./node-client-stream.js";

/** What a call needs of the connection that it runs on. */
export interface StreamOpener {
  /** Address of the server. */
  readonly peer: string;
  /** Opens a stream for a call. @throws Error if the connection takes no more calls; nothing has been sent then */
  request(request: CallRequest): NodeClientStream;
  /** How a call ended whose stream closed without a status, if that is because of the connection. */
  explain(resetCode: number): CallEnd | undefined;
  /** A stream has closed. */
  released(): void;
}

/** What all streams of a transport have in common. */
export interface StreamOptions {
  readonly limits: MessageLimits;
  /** Called when a call is cancelled that has not been opened. */
  readonly withdraw: (stream: Http2ClientStream) => void;
}

/**
 * An outgoing call over an HTTP/2 stream.
 *
 * It takes requests at once, `open()` gives it a connection later. The connection
 * delivers what the server sends: headers, data, trailers, the end, and the close
 * of the stream. The call ends with the status in the trailers, as soon as the
 * responses that were asked for have been read; without a status, the reason is
 * looked for once the stream has closed.
 */
export class Http2ClientStream implements OutgoingCall, ClientStreamEvents, MessageSink {
  readonly request: CallRequest;
  readonly #listener: ResponseListener;
  readonly #options: StreamOptions;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  #opener: StreamOpener | undefined;
  #stream: NodeClientStream | undefined;
  #foreign: ForeignResponse | undefined;
  /** The outcome as far as headers and trailers say. */
  #peerEnd: CallEnd | undefined;
  /** The outcome, once everything has arrived. */
  #end: CallEnd | undefined;
  /** Whether the listener knows the outcome, or has cancelled. */
  #over = false;

  constructor(request: CallRequest, listener: ResponseListener, options: StreamOptions) {
    const { input, output } = request.method.desc;
    this.request = request;
    this.#listener = listener;
    this.#options = options;
    this.#writer = new MessageWriter({
      schema: input,
      encoding: request.compression ?? "identity",
      maxBytes: options.limits.maxSendBytes,
      listener,
    });
    this.#reader = new MessageReader({ schema: output, maxBytes: options.limits.maxReceiveBytes, single: false }, this);
  }

  /** Not limited: a caller has asked for the responses that it gets. */
  get memory(): undefined {
    return undefined;
  }

  get peer(): string | undefined {
    return this.#opener?.peer;
  }

  /** Opens the call on a connection. @throws Error if the connection takes no more calls; nothing has been sent then */
  open(opener: StreamOpener): void {
    const stream = opener.request(this.request);
    this.#opener = opener;
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

  onMessagesEnd(failure: CallFailure | undefined): void {
    const end = failure && ({ ...failure, origin: "client" } as const);
    if (end !== undefined) this.#giveUp(end);
    this.#listener.onMessagesEnd(end);
  }

  onResponse(httpStatus: number, last: boolean, raw: RawHeaders): void {
    const { refusal, encoding } = parseResponse(httpStatus, raw);
    if (last) {
      this.#peerEnd = refusal;
      this.onTrailers(raw);
    } else if (refusal !== undefined && !this.#over) {
      this.#peerEnd = refusal;
      this.#foreign = new ForeignResponse(refusal, (end) => this.#giveUp(end)).start();
    } else if (encoding !== undefined && !this.#over) {
      this.#reader.encoding = encoding;
      this.#listener.onHeaders(metadataOf(raw));
    }
  }

  onTrailers(raw: RawHeaders): void {
    const end = parseTrailers(raw);
    if (end === undefined) return;
    // A status that a server did send explains more than the headers of a proxy.
    if (this.#peerEnd === undefined || (end.origin === "peer" && end.status !== Status.OK)) this.#peerEnd = end;
  }

  onData(chunk: Buffer): void {
    if (this.#over) return;
    (this.#foreign ?? this.#reader).push(chunk);
  }

  onEnd(): void {
    if (this.#peerEnd === undefined) this.#explainLater();
    else this.#finishWith(this.#peerEnd);
  }

  onClose(): void {
    this.#opener?.released();
    if (this.#over) return;
    // What arrived while the stream was paused is still there, though it will not flow any more.
    for (const chunk of this.#stream?.takePending() ?? []) this.onData(chunk);
    this.onEnd();
  }

  onBroken(cause: unknown): void {
    this.#giveUp({ status: Status.INTERNAL, message: "The call failed inside the client", origin: "client", cause });
  }

  /** Ends the call once the pending pull is answered: that message may still fail, and the deadline counts for it. */
  #finishWith(end: CallEnd): void {
    this.#end = end;
    if (end.status === Status.OK) this.#reader.end();
    this.#finishIfRead();
  }

  #finishIfRead(): void {
    if (this.#end !== undefined && !this.#reader.busy) this.#finish(this.#end);
  }

  /**
   * Finds the reason why there is no status, one turn later: a stream ends before
   * it closes, though while we are sending it need not close at all, and it closes
   * before the connection that is lost.
   */
  #explainLater(): void {
    setImmediate(() => {
      const code = this.#stream?.resetCode ?? 0;
      this.#finishWith(this.#opener?.explain(code) ?? endOfReset(code));
    });
  }

  /** Ends the call for a reason found on this side, unless the server has said before why it failed. */
  #giveUp(end: CallEnd): void {
    const known = this.#peerEnd ?? this.#end;
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
    this.#foreign?.release();
    this.#reader.cut();
  }
}
