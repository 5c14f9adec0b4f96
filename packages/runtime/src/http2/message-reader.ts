import type { Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import type { CallFailure } from "../errors/call-end.js";
import { decodedSize } from "../wire/decoded-size.js";
import { type Frame, FrameReader } from "../wire/frame.js";
import { badFrame, encodingNotDeclared, endedInMessage } from "../wire/read-failures.js";
import { codings } from "./codings.js";
import { type Attempted, copy, decode, decompressLater, decompressNow, maxDecompressedSize } from "./decode.js";
import { MAX_FREE_BYTES, type MemoryBudget, noShares, type Share } from "./memory-budget.js";
import type { MessageFormat, MessageSink } from "./message-sink.js";

/** With more unread bytes than this, the stream is paused. */
const HIGH_WATER_BYTES = 64 * 1024;

/** With fewer unread bytes than this, the stream is resumed. */
const LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

/**
 * The state of the stream that bytes come from:
 *
 * - `open for one`: more bytes may come, and only one message is expected, which is decoded at the end
 * - `open`: more bytes may come
 * - `ended`: the stream has ended regularly
 * - `cut`: the stream was terminated before its regular end
 * - `failed`: nothing more can be read: bytes are invalid, a single message was cut off, or a message was discarded
 */
type Source = "open for one" | "open" | "ended" | "cut" | "failed";

/**
 * Turns the bytes of a stream into messages, one for each `pull()`.
 *
 * Messages that nobody has pulled are kept as the bytes that the peer sent. Flow
 * control counts those bytes; decoded, an empty or a compressed message takes a
 * hundred times as much or more. The stream is paused while more than 64 KiB are
 * unread.
 */
export class MessageReader {
  readonly #format: MessageFormat;
  readonly #sink: MessageSink;
  readonly #frames: FrameReader;
  #encoding: Compression = "identity";
  #source: Source;
  /** The pending pull: none, one that waits for bytes, or one whose message waits for memory or another thread. */
  #state: "idle" | "pulled" | "busy" = "idle";
  #paused = false;
  /** The memory that the last message holds or waits for. */
  #shares: Share[] = noShares;
  /**
   * Once the call is over, complete messages are read only if that does not wait
   * for memory; once it is abandoned, only if it does not wait for a thread either.
   */
  #call: "running" | "over" | "abandoned" = "running";

  constructor(format: MessageFormat, sink: MessageSink) {
    this.#format = format;
    this.#sink = sink;
    this.#frames = new FrameReader(format.maxBytes, copy);
    this.#source = format.single ? "open for one" : "open";
  }

  /** The compression that messages may use, as declared in the headers. */
  set encoding(encoding: Compression) {
    this.#encoding = encoding;
  }

  /** Whether a pulled message has arrived and waits for memory or another thread. */
  get busy(): boolean {
    return this.#state === "busy";
  }

  /**
   * Requests the next message. The sink gets one answer, during this call or
   * later. Do not call it again before that.
   */
  pull(): void {
    // A single message holds its memory until cut(), unless a second one follows: then the call fails, and the first
    // message is no longer needed.
    if (!this.#format.single || this.#frames.length > 0) this.#release();
    this.#state = "pulled";
    this.#advance();
  }

  /** Adds bytes from the stream. */
  push(chunk: Uint8Array): void {
    if (!this.#open) return;
    this.#frames.push(chunk);
    if (this.#state === "pulled") this.#advance();
    if (this.#state === "pulled" || this.#paused || this.#frames.length <= HIGH_WATER_BYTES) return;
    this.#paused = true;
    this.#sink.pause();
  }

  /** The stream has ended regularly. An incomplete message is a failure. */
  end(): void {
    this.#stop("ended");
  }

  /**
   * The stream was terminated, or the call is over. Complete messages can still
   * be read, unless they have to wait for memory.
   */
  cut(): void {
    this.#stop("cut");
    this.#call = "over";
    this.#release();
  }

  /**
   * This side has ended the call. Complete messages can still be read, unless
   * they have to wait for memory or another thread.
   */
  abandon(): void {
    this.cut();
    this.#call = "abandoned";
    if (this.#state === "busy") this.#discard();
  }

  get #open(): boolean {
    return this.#source === "open" || this.#source === "open for one";
  }

  #stop(source: "ended" | "cut"): void {
    if (!this.#open) return;
    // A single message counts as complete only when the stream has ended.
    this.#source = this.#source === "open for one" && source === "cut" ? "failed" : source;
    if (this.#state === "pulled") this.#advance();
  }

  /** Answers the pending pull if enough bytes have arrived. */
  #advance(): void {
    const frame = this.#nextFrame();
    if (frame !== undefined) return this.#answer(frame);
    if (this.#open) return this.#resume();
    const incomplete = this.#source === "ended" && this.#frames.length > 0;
    this.#answerEnd(incomplete ? endedInMessage : undefined);
  }

  #nextFrame(): Frame | undefined {
    if (this.#source === "failed") return undefined;
    if (this.#source === "open for one") {
      if (!this.#frames.hasBytesAfterNext) return this.#frames.error;
      this.#source = "open";
    }
    return this.#frames.next();
  }

  #answer(frame: Frame): void {
    if (this.#frames.length < LOW_WATER_BYTES) this.#resume();
    if (frame.kind !== "message") return this.#answerEnd(badFrame(frame, this.#format.maxBytes));
    if (frame.compressed) this.#decompress(frame.bytes);
    else this.#decode({ done: frame.bytes }, false);
  }

  #answerEnd(failure: CallFailure | undefined): void {
    this.#state = "idle";
    if (failure !== undefined) {
      this.#source = "failed";
      this.#release();
    }
    this.#sink.onMessagesEnd(failure);
  }

  #decompress(bytes: Uint8Array): void {
    const coding = codings[this.#encoding];
    if (coding === undefined) return this.#answerEnd(encodingNotDeclared);
    const { maxBytes } = this.#format;
    const now = decompressNow(coding, bytes, maxBytes);
    if (now !== undefined) return this.#decode(now, true);
    if (this.#call === "abandoned") return this.#discard();
    const { memory } = this.#sink;
    const size = maxDecompressedSize(bytes, maxBytes);
    this.#acquire(memory?.decompressed, size, (share) => {
      this.#acquire(memory?.decompressing, size, (running) => {
        // The memory stays in use until the other thread is done, even if the call ends before.
        this.#shares = noShares;
        decompressLater(coding, bytes, maxBytes)
          .finally(() => running?.release())
          .then((later) => this.#onDecompressedLater(later, share))
          .catch((error) => this.#sink.onBroken(error));
      });
    });
  }

  #onDecompressedLater(message: Attempted<Uint8Array>, share: Share | undefined): void {
    const discarded = this.#state !== "busy";
    if (discarded || "failure" in message) {
      share?.release();
    } else if (share !== undefined) {
      share.shrink(message.done.length);
      this.#shares = [share];
    }
    if (!discarded) this.#decode(message, true);
  }

  #decode(message: Attempted<Uint8Array>, compressed: boolean): void {
    if ("failure" in message) return this.#answerEnd(message.failure);
    const { schema } = this.#format;
    const bytes = message.done;
    const budget = this.#sink.memory?.decoded;
    if (budget === undefined || bytes.length <= MAX_FREE_BYTES) return this.#deliver(decode(schema, bytes, compressed));
    this.#acquire(budget, decodedSize(schema, bytes), () => this.#deliver(decode(schema, bytes, compressed)));
  }

  #deliver(message: Attempted<Message>): void {
    if ("failure" in message) return this.#answerEnd(message.failure);
    if (this.#call !== "running") this.#release();
    this.#state = "idle";
    this.#sink.onMessage(message.done);
  }

  /** Continues with the current message as soon as there is memory for it. */
  #acquire(budget: MemoryBudget | undefined, bytes: number, onGranted: (share: Share | undefined) => void): void {
    this.#state = "busy";
    if (budget === undefined) return onGranted(undefined);
    const earlier = this.#shares;
    let granted = false;
    const share = budget.acquire(bytes, (share) => {
      granted = true;
      this.#shares = [...earlier, share];
      try {
        onGranted(share);
      } catch (error) {
        // This may run in a later turn, where no caller could catch the error.
        this.#sink.onBroken(error);
      }
    });
    if (granted) return;
    this.#shares = [...earlier, share];
    if (this.#call !== "running") this.#release();
  }

  /** Gives back the memory of the last message. If the message is still waiting for memory, it is discarded. */
  #release(): void {
    const shares = this.#shares;
    this.#shares = noShares;
    if (shares !== noShares && shares.map((share) => share.release()).includes(true)) this.#discard();
  }

  /** Discards the current message. Nothing after it is read. */
  #discard(): void {
    this.#source = "failed";
    this.#answerEnd(undefined);
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#sink.resume();
  }
}
