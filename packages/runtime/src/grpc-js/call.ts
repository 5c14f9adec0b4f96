import { Buffer } from "node:buffer";
import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type Channel, connectivityState, status as GrpcJsStatus, type StatusObject } from "@grpc/grpc-js";
import { deadlineExceededDuring } from "../client/outcome.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest, OutgoingCall, PendingReason, ResponseListener } from "../transport/client.js";
import { endOf } from "./call-end.js";
import { fromGrpcJs, toGrpcJs } from "./metadata.js";

/** A call as channels of grpc-js create it. Clients of grpc-js use the same one, inside of streams of Node. */
type ChannelCall = ReturnType<Channel["createCall"]>;

/** The flag of a request that is sent uncompressed. */
const NO_COMPRESS = 2;

/**
 * A timeout that `grpc-timeout` cannot express. With such a deadline, grpc-js throws where nothing catches it. Without
 * one, only the caller's side enforces it.
 */
const TOO_LONG_MS = 99_999_999 * 3_600_000;

interface EncodedRequest {
  readonly bytes: Buffer;
  readonly flags: number;
}

/**
 * An outgoing call over a channel of grpc-js.
 *
 * grpc-js takes one request at a time: the next one is sent when it has called back
 * for the last one. It reads the next response when it is asked to, and
 * reports OK when all responses have been read. The first one is read in advance.
 */
export class GrpcJsCall implements OutgoingCall {
  readonly #request: CallRequest;
  readonly #listener: ResponseListener;
  readonly #channel: Channel;
  readonly #call: ChannelCall;
  /** In milliseconds since the epoch. */
  readonly #deadline: number;
  readonly #onOver: (call: GrpcJsCall) => void;
  /** The requests that wait for the one that grpc-js is sending. */
  readonly #waiting: EncodedRequest[] = [];
  #sending = false;
  #ended = false;
  #headersReceived = false;
  #pulled = false;
  #reading = true;
  /** A response that has arrived before it is pulled. */
  #early: Buffer | undefined;
  #over = false;

  /** @throws Error if the channel is closed, or for metadata that grpc-js does not send */
  constructor(channel: Channel, request: CallRequest, listener: ResponseListener, onOver: (call: GrpcJsCall) => void) {
    const { method, timeout } = request;
    const metadata = toGrpcJs(request);
    this.#deadline = Date.now() + (timeout !== undefined && timeout < TOO_LONG_MS ? timeout : Number.POSITIVE_INFINITY);
    this.#request = request;
    this.#listener = listener;
    this.#channel = channel;
    this.#onOver = onOver;
    this.#call = channel.createCall(method.path, this.#deadline, null, null, null);
    this.#call.start(metadata, {
      onReceiveMetadata: (received) => {
        this.#headersReceived = true;
        if (!this.#over) listener.onHeaders(fromGrpcJs(received));
      },
      onReceiveMessage: (bytes: Buffer) => this.#receive(bytes),
      onReceiveStatus: (status) => this.#finish(this.#endOf(status)),
    });
    // Until its first read, grpc-js does not hold the server back.
    this.#call.startRead();
  }

  get peer(): string | undefined {
    const peer = this.#call.getPeer();
    return peer === "unknown" || peer === this.#channel.getTarget() ? undefined : peer;
  }

  whyPending(): PendingReason | undefined {
    if (this.peer !== undefined || this.#channel.getConnectivityState(false) === connectivityState.READY)
      return undefined;
    return { activity: `connecting to ${this.#channel.getTarget()}` };
  }

  send(message: Message, last: boolean, compress?: boolean): boolean {
    const encoded = toBinary(this.#request.method.desc.input, message);
    if (this.#over) return true;
    const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
    const encodedRequest = { bytes, flags: compress === false ? NO_COMPRESS : 0 };
    if (this.#sending) this.#waiting.push(encodedRequest);
    else this.#sendNow(encodedRequest);
    if (last) this.end();
    return false;
  }

  end(): void {
    this.#ended = true;
    if (!this.#over && this.#waiting.length === 0) this.#call.halfClose();
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#early = undefined;
    this.#call.cancelWithStatus(GrpcJsStatus.CANCELLED, "Cancelled by the caller");
    this.#onOver(this);
    this.#answerWithEnd();
  }

  /** Ends the call for a reason of this side. */
  fail(end: CallEnd): void {
    if (this.#over) return;
    this.#call.cancelWithStatus(GrpcJsStatus.CANCELLED, end.message ?? "");
    this.#finish(end);
  }

  pull(): void {
    this.#pulled = true;
    if (this.#early !== undefined) return this.#deliver(this.#early);
    if (this.#over) return this.#answerWithEnd();
    if (this.#reading) return;
    this.#reading = true;
    this.#call.startRead();
  }

  #sendNow({ bytes, flags }: EncodedRequest): void {
    this.#sending = true;
    this.#call.sendMessageWithContext({ flags, callback: this.#onSent }, bytes);
  }

  readonly #onSent = (): void => {
    if (this.#over) return;
    this.#sending = false;
    const next = this.#waiting.shift();
    if (next === undefined) {
      if (!this.#ended) this.#listener.onDrain();
      return;
    }
    this.#sendNow(next);
    if (this.#ended && this.#waiting.length === 0) this.#call.halfClose();
  };

  #receive(bytes: Buffer): void {
    this.#reading = false;
    if (this.#over) return;
    if (this.#pulled) this.#deliver(bytes);
    else this.#early = bytes;
  }

  #deliver(bytes: Buffer): void {
    const { output } = this.#request.method.desc;
    this.#pulled = false;
    this.#early = undefined;
    let message: Message;
    try {
      message = fromBinary(output, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    } catch (cause) {
      const text = `Cannot decode ${output.typeName}`;
      const failure: CallEnd = { status: Status.INTERNAL, message: text, origin: "client", cause };
      this.fail(failure);
      return this.#listener.onMessagesEnd(failure);
    }
    this.#listener.onMessage(message);
  }

  #endOf(status: StatusObject): CallEnd {
    const end = endOf(status);
    // grpc-js has a timer, too, which may fire first, up to a millisecond early. Otherwise the status is the server's.
    const expired = end.status === Status.DEADLINE_EXCEEDED && Date.now() >= this.#deadline - 1;
    return expired && end.origin === "client" ? deadlineExceededDuring(this, this.#headersReceived) : end;
  }

  #finish(end: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#onOver(this);
    this.#listener.onEnd(end);
    this.#answerWithEnd();
  }

  #answerWithEnd(): void {
    if (!this.#pulled) return;
    this.#pulled = false;
    this.#listener.onMessagesEnd(undefined);
  }
}
