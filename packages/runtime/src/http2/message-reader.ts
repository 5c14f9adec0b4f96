import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import { type FrameError, FrameReader } from "../wire/frame.js";

/** Why the messages of a stream cannot be read on. */
export interface ReadFailure {
  readonly status: Status;
  readonly message: string;
  readonly cause?: unknown;
}

/** Turns the bytes of a stream into messages. After a failure it reads nothing more. */
export class MessageReader {
  readonly #schema: DescMessage;
  readonly #maxBytes: number;
  readonly #onMessage: (message: Message, bytes: number) => void;
  readonly #frames: FrameReader;
  #failure: ReadFailure | undefined;

  constructor(schema: DescMessage, maxBytes: number, onMessage: (message: Message, bytes: number) => void) {
    this.#schema = schema;
    this.#maxBytes = maxBytes;
    this.#onMessage = onMessage;
    this.#frames = new FrameReader(maxBytes, (bytes) => this.#decode(bytes));
  }

  /** Takes a chunk. @returns why it cannot be read */
  push(chunk: Buffer): ReadFailure | undefined {
    if (this.#failure !== undefined) return this.#failure;
    // Not a Buffer: it would show in the bytes fields of messages.
    const error = this.#frames.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    if (error !== undefined) this.#failure ??= describeFrameError(error, this.#maxBytes);
    return this.#failure;
  }

  /** The stream has ended. @returns a failure if that is within a message */
  end(): ReadFailure | undefined {
    if (this.#frames.incomplete)
      this.#failure ??= { status: Status.INTERNAL, message: "The stream ended within a message" };
    return this.#failure;
  }

  #decode(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    let message: Message;
    try {
      message = fromBinary(this.#schema, bytes);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#failure = {
        status: Status.INTERNAL,
        message: `Cannot decode ${this.#schema.typeName}: ${reason}`,
        cause,
      };
      return;
    }
    this.#onMessage(message, bytes.length);
  }
}

function describeFrameError(error: FrameError, maxBytes: number): ReadFailure {
  switch (error.kind) {
    case "length":
      return {
        status: Status.RESOURCE_EXHAUSTED,
        message: `A message of ${error.length} bytes is over the limit of ${maxBytes} (maxReceiveMessageBytes)`,
      };
    case "flags":
      return {
        status: Status.INTERNAL,
        message:
          error.flags === 1 ? "A message is compressed, without grpc-encoding" : `Invalid frame flags ${error.flags}`,
      };
  }
}
