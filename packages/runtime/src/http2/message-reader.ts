import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import { type Frame, FrameReader, isSmallPart } from "../wire/frame.js";
import { type Coding, codings } from "./codings.js";
import type { MemoryBudget, Share } from "./memory-budget.js";
import {
  badFrame,
  notCompressedLike,
  notDeclared,
  notDecodable,
  type ReadFailure,
  tooLarge,
  torn,
} from "./read-failure.js";

/** With more bytes than this unread, the peer is held back. */
const HIGH_WATER_BYTES = 64 * 1024;

/** With fewer bytes than this unread, the peer may go on. */
const LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

/** A message of more bytes than this is decompressed on another thread: more would be felt by the other calls. */
const MAX_SYNC_BYTES = 16 * 1024;

/** Deflate makes nothing longer than this many times what it was: two bits for 258 bytes. */
const MAX_RATIO = 1032;

/** Takes the messages of a stream, and holds the stream back. */
export interface MessageSink {
  /** What messages may take that were decompressed: each until the next one is asked for, a single one until `cut()`. */
  readonly memory: MemoryBudget;
  /** Answers a `pull()`. */
  onMessage(message: Message): void;
  /** Answers a `pull()`: there are no more messages, because of the failure if there is one. */
  onMessagesEnd(failure: ReadFailure | undefined): void;
  pause(): void;
  resume(): void;
  /** One of these functions threw while nobody was there to hear of it. */
  onBroken(error: unknown): void;
}

/** What a {@link MessageReader} reads. */
export interface MessageFormat {
  readonly schema: DescMessage;
  /** Of a message, after decompression too. */
  readonly maxBytes: number;
  /** Whether there should be one message only. It is decoded when the stream has ended. */
  readonly single: boolean;
}

/**
 * The state of the bytes.
 *
 * - `open for one`: more may come, and there should be one message only, which is not decoded before the end
 * - `open`: more may come
 * - `ended`: the stream came to its regular end
 * - `cut`: the stream was broken off
 * - `failed`: what came cannot be read, is the incomplete request of a stream that was broken off, or was abandoned
 */
type Source = "open for one" | "open" | "ended" | "cut" | "failed";

/**
 * Turns the bytes of a stream into messages, one for each `pull()`.
 *
 * What nobody has asked for stays bytes, as the peer sent them: flow control
 * counts those, and an empty or a compressed message takes a hundred times as
 * much or more once it is decoded. The stream is paused while there are enough.
 */
export class MessageReader {
  readonly #format: MessageFormat;
  readonly #sink: MessageSink;
  readonly #frames: FrameReader;
  #encoding: Compression = "identity";
  #source: Source;
  /** What is under way: nothing, a pull that waits for bytes, or one whose message another thread decompresses. */
  #state: "idle" | "pulled" | "decompressing" = "idle";
  #paused = false;
  /** What the last message takes. */
  #share: Share | undefined;
  /** Whether the call is over: what is read after that takes memory only while it is decompressed. */
  #over = false;

  constructor(format: MessageFormat, sink: MessageSink) {
    this.#format = format;
    this.#sink = sink;
    this.#frames = new FrameReader(format.maxBytes);
    this.#source = format.single ? "open for one" : "open";
  }

  /** Messages may be compressed like this, as the headers say. */
  set encoding(encoding: Compression) {
    this.#encoding = encoding;
  }

  /** Whether a message is being decompressed, so that the answer to a pull comes later, whatever the stream does. */
  get busy(): boolean {
    return this.#state === "decompressing";
  }

  /** Asks for the next message. The sink gets one answer, from within or later; until then this must not be called. */
  pull(): void {
    if (!this.#format.single) this.#giveBack();
    this.#state = "pulled";
    this.#advance();
  }

  /** Takes bytes of the stream. */
  push(chunk: Uint8Array): void {
    if (!this.#open) return;
    this.#frames.push(chunk);
    if (this.#state === "pulled") this.#advance();
    if (this.#state !== "pulled" && this.#frames.length > HIGH_WATER_BYTES) this.#pause();
  }

  /** The stream has come to its regular end. An incomplete message is a failure. */
  end(): void {
    this.#stop("ended");
  }

  /** The stream was broken off, or the call is over. Complete messages can still be read. */
  cut(): void {
    this.#stop("cut");
    this.#over = true;
    this.#giveBack();
  }

  /** Nothing more is wanted. A pull is answered now, even if its message is being decompressed. */
  abandon(): void {
    this.cut();
    this.#source = "failed";
    if (this.#state !== "idle") this.#answerEnd(undefined);
  }

  get #open(): boolean {
    return this.#source === "open" || this.#source === "open for one";
  }

  #stop(source: "ended" | "cut"): void {
    if (!this.#open) return;
    // The only message of a stream is not complete before the end of the stream.
    this.#source = this.#source === "open for one" && source === "cut" ? "failed" : source;
    if (this.#state === "pulled") this.#advance();
  }

  /** Answers a pull, if the bytes for that are there. */
  #advance(): void {
    const frame = this.#nextFrame();
    if (frame !== undefined) return this.#answer(frame);
    if (this.#open) return this.#resume();
    const incomplete = this.#source === "ended" && this.#frames.length > 0;
    this.#answerEnd(incomplete ? torn : undefined);
  }

  #nextFrame(): Frame | undefined {
    if (this.#source === "failed") return undefined;
    if (this.#source === "open for one") {
      if (!this.#frames.goesBeyondNext) return this.#frames.error;
      this.#source = "open";
    }
    return this.#frames.next();
  }

  #answer(frame: Frame): void {
    if (this.#frames.length < LOW_WATER_BYTES) this.#resume();
    if (frame.kind !== "message") return this.#answerEnd(badFrame(frame, this.#format.maxBytes));
    if (frame.compressed) this.#decompress(frame.bytes);
    else this.#decode(frame.bytes);
  }

  #answerEnd(failure: ReadFailure | undefined): void {
    this.#state = "idle";
    if (failure !== undefined) this.#source = "failed";
    this.#sink.onMessagesEnd(failure);
  }

  #decompress(bytes: Uint8Array): void {
    const coding = codings[this.#encoding];
    if (coding === undefined) return this.#answerEnd(notDeclared);
    const { maxBytes } = this.#format;
    if (bytes.length <= MAX_SYNC_BYTES) {
      const limit = Math.min(maxBytes, MAX_SYNC_BYTES);
      try {
        const message = coding.decompress(bytes, limit);
        if (message !== undefined) return this.#decode(message);
      } catch (cause) {
        return this.#answerEnd(notCompressedLike(cause));
      }
      if (limit === maxBytes) return this.#answerEnd(tooLarge("A message, decompressed,", maxBytes));
    }
    this.#state = "decompressing";
    this.#share = {
      bytes: Math.min(maxBytes, MAX_RATIO * bytes.length),
      onGranted: () => void this.#decompressLater(coding, bytes).catch((error) => this.#sink.onBroken(error)),
    };
    this.#sink.memory.take(this.#share);
  }

  /** Gives back what the last message takes. A call that is over does not wait for memory any longer. */
  #giveBack(): void {
    const share = this.#share;
    this.#share = undefined;
    if (share !== undefined && this.#sink.memory.giveBack(share)) this.#answerEnd(undefined);
  }

  async #decompressLater(coding: Coding, bytes: Uint8Array): Promise<void> {
    const { maxBytes } = this.#format;
    let message: Uint8Array | undefined;
    let failure = tooLarge("A message, decompressed,", maxBytes);
    try {
      message = await coding.decompressLater(bytes, maxBytes);
    } catch (cause) {
      failure = notCompressedLike(cause);
    }
    // It was abandoned.
    if (this.#state !== "decompressing") return;
    if (message === undefined || this.#over) this.#giveBack();
    else if (this.#share !== undefined) this.#sink.memory.shrink(this.#share, message.length);
    if (message === undefined) this.#answerEnd(failure);
    else this.#decode(message);
  }

  #decode(bytes: Uint8Array): void {
    const { schema } = this.#format;
    let message: Message;
    try {
      message = fromBinary(schema, isSmallPart(bytes) ? copy(bytes) : bytes);
    } catch (cause) {
      return this.#answerEnd(notDecodable(schema.typeName, cause));
    }
    this.#state = "idle";
    this.#sink.onMessage(message);
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#sink.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#sink.resume();
  }
}

/** Into the pool of Node, which cannot be transferred to a worker with one message in it. */
function copy(message: Uint8Array): Uint8Array {
  const { buffer, byteOffset } = Buffer.from(message);
  return new Uint8Array(buffer, byteOffset, message.length);
}
