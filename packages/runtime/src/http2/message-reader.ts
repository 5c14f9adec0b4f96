import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import type { CallFailure } from "../errors/call-end.js";
import { decodedSize } from "../wire/decoded-size.js";
import { type Frame, FrameReader } from "../wire/frame.js";
import { badFrame, notDeclared, torn } from "../wire/read-failures.js";
import { codings } from "./codings.js";
import { type Attempted, decode, decompressLater, decompressNow, maxDecompressedSize } from "./decode.js";
import type { ConnectionMemory, MemoryBudget, Share } from "./memory-budget.js";

/** With more bytes than this unread, the peer is held back. */
const HIGH_WATER_BYTES = 64 * 1024;

/** With fewer bytes than this unread, the peer may go on. */
const LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

/** A message of no more bytes than this may be decoded whenever it is asked for. */
const MAX_FREE_BYTES = 16 * 1024;

/** Takes the messages of a stream, and holds the stream back. */
export interface MessageSink {
  /** What messages may take, if that is limited: each until the next one is asked for, a single one until `cut()`. */
  readonly memory: ConnectionMemory | undefined;
  /** Answers a `pull()`. */
  onMessage(message: Message): void;
  /** Answers a `pull()`: there are no more messages, because of the failure if there is one. */
  onMessagesEnd(failure: CallFailure | undefined): void;
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

/** Shared by the readers that have taken nothing. Never push to it. */
const none: Share[] = [];

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
 * much or more once it is decoded. The stream is paused while more than 64 KiB are unread.
 */
export class MessageReader {
  readonly #format: MessageFormat;
  readonly #sink: MessageSink;
  readonly #frames: FrameReader;
  #encoding: Compression = "identity";
  #source: Source;
  /** What is under way: nothing, a pull that waits for bytes, or one whose message waits for memory or another thread. */
  #state: "idle" | "pulled" | "busy" = "idle";
  #paused = false;
  /** What the last message takes. */
  #taken: Share[] = none;
  /** After a call what is left is read without waiting for memory; after one that was given up not for a thread either. */
  #call: "running" | "over" | "given up" = "running";

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

  /** Whether the answer to a pull is under way: it comes later. */
  get busy(): boolean {
    return this.#state === "busy";
  }

  /** Asks for the next message. The sink gets one answer, from within or later; until then this must not be called. */
  pull(): void {
    // A second message, where there should be one, is refused: the first one does not count any more.
    if (!this.#format.single || this.#frames.length > 0) this.#giveBack();
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

  /** The stream was broken off, or the call is over. Complete messages can still be read, but do not wait for memory. */
  cut(): void {
    this.#stop("cut");
    this.#call = "over";
    this.#giveBack();
  }

  /** Our side gives the call up. Complete messages can still be read, but none is waited for any more. */
  abandon(): void {
    this.cut();
    this.#call = "given up";
    if (this.#state === "busy") this.#leave();
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
    else this.#decode({ done: frame.bytes });
  }

  #answerEnd(failure: CallFailure | undefined): void {
    this.#state = "idle";
    if (failure !== undefined) {
      this.#source = "failed";
      this.#giveBack();
    }
    this.#sink.onMessagesEnd(failure);
  }

  #decompress(bytes: Uint8Array): void {
    const coding = codings[this.#encoding];
    if (coding === undefined) return this.#answerEnd(notDeclared);
    const { maxBytes } = this.#format;
    const now = decompressNow(coding, bytes, maxBytes);
    if (now !== undefined) return this.#decode(now);
    if (this.#call === "given up") return this.#leave();
    this.#take(this.#sink.memory?.decompressed, maxDecompressedSize(bytes, maxBytes), (share) => {
      // It is taken until the other thread is done, whatever becomes of the call.
      this.#taken = none;
      decompressLater(coding, bytes, maxBytes)
        .then((later) => this.#onDecompressedLater(later, share))
        .catch((error) => this.#sink.onBroken(error));
    });
  }

  #onDecompressedLater(message: Attempted<Uint8Array>, share: Share | undefined): void {
    const left = this.#state !== "busy";
    if (left || "failure" in message) {
      share?.giveBack();
    } else if (share !== undefined) {
      share.shrink(message.done.length);
      this.#taken = [share];
    }
    if (!left) this.#decode(message);
  }

  #decode(message: Attempted<Uint8Array>): void {
    if ("failure" in message) return this.#answerEnd(message.failure);
    const { schema } = this.#format;
    const bytes = message.done;
    const budget = this.#sink.memory?.decoded;
    if (budget === undefined || bytes.length <= MAX_FREE_BYTES) return this.#deliver(decode(schema, bytes));
    this.#take(budget, decodedSize(schema, bytes), () => this.#deliver(decode(schema, bytes)));
  }

  #deliver(message: Attempted<Message>): void {
    if ("failure" in message) return this.#answerEnd(message.failure);
    if (this.#call !== "running") this.#giveBack();
    this.#state = "idle";
    this.#sink.onMessage(message.done);
  }

  /** Goes on with a message as soon as there is memory for it. */
  #take(budget: MemoryBudget | undefined, bytes: number, goOn: (share: Share | undefined) => void): void {
    this.#state = "busy";
    if (budget === undefined) return goOn(undefined);
    const earlier = this.#taken;
    let granted = false;
    const share = budget.take(bytes, (share) => {
      granted = true;
      this.#taken = [...earlier, share];
      try {
        goOn(share);
      } catch (error) {
        // Nobody else would hear of it in a later turn.
        this.#sink.onBroken(error);
      }
    });
    if (granted) return;
    this.#taken = [...earlier, share];
    if (this.#call !== "running") this.#giveBack();
  }

  /** Gives back what the last message takes. Where it still waits, it is left. */
  #giveBack(): void {
    const taken = this.#taken;
    this.#taken = none;
    if (taken.map((share) => share.giveBack()).includes(true)) this.#leave();
  }

  /** Reads no more: a message was left out. */
  #leave(): void {
    this.#source = "failed";
    this.#answerEnd(undefined);
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
