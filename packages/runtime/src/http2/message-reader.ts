import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import { Status } from "../core/status.js";
import { type FrameError, FrameReader, type FrameSink } from "../wire/frame.js";
import { codings } from "./codings.js";

/** Why no more messages of a stream can be read. The peer is told the message; the cause stays here. */
export interface ReadFailure {
  readonly status: Status;
  readonly message: string;
  readonly cause?: unknown;
}

/** Takes the messages of a stream. */
export interface MessageSink {
  /** @param bytes the encoded size, for flow control */
  onMessage(message: Message, bytes: number): void;
}

/** Turns the bytes of a stream into messages. After a failure it reads nothing more. */
export class MessageReader implements FrameSink {
  readonly #schema: DescMessage;
  readonly #maxBytes: number;
  readonly #sink: MessageSink;
  readonly #frames: FrameReader;
  #encoding: Compression = "identity";
  #failure: ReadFailure | undefined;

  constructor(schema: DescMessage, maxBytes: number, sink: MessageSink) {
    this.#schema = schema;
    this.#maxBytes = maxBytes;
    this.#sink = sink;
    this.#frames = new FrameReader(maxBytes, this);
  }

  /** Messages may be compressed like this, as the headers say. */
  set encoding(encoding: Compression) {
    this.#encoding = encoding;
  }

  /** Takes a chunk. @returns why it cannot be read */
  push(chunk: Buffer): ReadFailure | undefined {
    if (this.#failure !== undefined) return this.#failure;
    const error = this.#frames.push(chunk);
    if (error !== undefined) this.#failure ??= describeFrameError(error, this.#maxBytes);
    return this.#failure;
  }

  /** The stream has ended. @returns a failure if that is within a message */
  end(): ReadFailure | undefined {
    if (this.#frames.incomplete)
      this.#failure ??= { status: Status.INTERNAL, message: "The stream ended within a message" };
    return this.#failure;
  }

  onFrame(bytes: Uint8Array, compressed: boolean): void {
    if (this.#failure !== undefined) return;
    const message = compressed ? this.#decompress(bytes) : bytes;
    if (message !== undefined) this.#decode(message);
  }

  copy(message: Uint8Array): Uint8Array {
    // Into the pool of Node, which cannot be transferred to a worker with one message in it.
    const { buffer, byteOffset } = Buffer.from(message);
    return new Uint8Array(buffer, byteOffset, message.length);
  }

  #decompress(bytes: Uint8Array): Uint8Array | undefined {
    const coding = codings[this.#encoding];
    if (coding === undefined) {
      this.#failure = { status: Status.INTERNAL, message: "A message is compressed, without grpc-encoding" };
      return undefined;
    }
    try {
      const message = coding.decompress(bytes, this.#maxBytes);
      if (message === undefined) this.#failure = tooLarge("A message, decompressed,", this.#maxBytes);
      return message;
    } catch (cause) {
      this.#failure = { status: Status.INTERNAL, message: "Cannot decompress a message", cause };
      return undefined;
    }
  }

  #decode(bytes: Uint8Array): void {
    let message: Message;
    try {
      message = fromBinary(this.#schema, bytes);
    } catch (cause) {
      this.#failure = { status: Status.INTERNAL, message: `Cannot decode ${this.#schema.typeName}`, cause };
      return;
    }
    this.#sink.onMessage(message, bytes.length);
  }
}

function describeFrameError(error: FrameError, maxBytes: number): ReadFailure {
  if (error.kind === "length") return tooLarge(`A message of ${error.length} bytes`, maxBytes);
  return { status: Status.INTERNAL, message: `Invalid frame flags ${error.flags}` };
}

function tooLarge(message: string, maxBytes: number): ReadFailure {
  return {
    status: Status.RESOURCE_EXHAUSTED,
    message: `${message} is over the limit of ${maxBytes} (maxReceiveMessageBytes)`,
  };
}
