import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import { Status } from "../core/status.js";
import { GRPCError } from "../errors/error.js";
import { PREFIX_LENGTH, writePrefix } from "../wire/frame.js";
import { codings } from "./codings.js";
import { nextTick } from "./event-loop.js";
import type { NodeStream } from "./node-stream.js";

/** Messages added in one tick share a write of up to about this many bytes. */
const MAX_WRITE_BYTES = 16 * 1024;

/** Bytes that may be pending in a stream: several writes, so that it stays busy while the next one is filled. */
const HIGH_WATER_BYTES = 64 * 1024;

/** How much of what was written is kept for another attempt: of one call, and of all calls of a channel, as in grpc-js. */
const MAX_KEPT_BYTES = 1024 * 1024;
const MAX_KEPT_BYTES_OF_ALL = 16 * MAX_KEPT_BYTES;

/** A shared placeholder until a list is needed. Never push to it. */
const noMessages: Uint8Array[] = [];

/** The listener of a {@link MessageWriter}. */
export interface DrainListener {
  /** The writer takes messages again after `add()` returned false. */
  onDrain(): void;
}

/** The options of a {@link MessageWriter}. */
export interface MessageWriterOptions {
  readonly schema: DescMessage;
  /** The compression of the messages, as declared in the headers. */
  readonly encoding: Compression;
  /** The largest message in bytes, before compression. */
  readonly maxBytes: number;
  readonly listener: DrainListener;
  /** The memory for what is kept, so that it can be written to another stream. `undefined`: nothing is kept. */
  readonly kept: KeptBytes | undefined;
}

/** How much the writers of a channel keep. */
export interface KeptBytes {
  bytes: number;
}

/**
 * Encodes messages and writes them to a stream. Messages can be added before
 * the stream is attached.
 *
 * Messages added in one tick share a write. The write is scheduled with
 * `process.nextTick`, which runs after all pending promise reactions, so a
 * generator that yields without waiting for I/O fills a whole write. If the
 * last write had only one message and nothing is pending, a message is written
 * at once instead.
 *
 * A client's writer keeps what it has written until `commit()`, or until that is
 * too much. Until then another stream can be attached, which gets everything again.
 */
export class MessageWriter {
  readonly #schema: DescMessage;
  readonly #maxBytes: number;
  readonly #listener: DrainListener;
  /** The compression of the messages, as declared in the headers. Do not change it once they have been sent. */
  encoding: Compression;
  #stream: NodeStream | undefined;
  /** Encoded messages that are not written yet, and their total length with prefixes. */
  #messages: Uint8Array[] = noMessages;
  #bytes = 0;
  /** Those of them that are not compressed although there is a compression. */
  #uncompressed: Set<Uint8Array> | undefined;
  /** Whether the last write had one message: then the next message is not expected to share a write either. */
  #lastWriteWasSingle = false;
  #scheduled = false;
  /** What has been written, for another stream; `undefined` if there can be no other stream. */
  #kept: Uint8Array[] | undefined;
  #keptBytes = 0;
  readonly #keptByAll: KeptBytes | undefined;
  /** Whether messages can be added: now, after `onDrain`, or never again. */
  #state: "open" | "full" | "ended" = "open";

  constructor({ schema, encoding, maxBytes, listener, kept }: MessageWriterOptions) {
    this.#schema = schema;
    this.encoding = encoding;
    this.#maxBytes = maxBytes;
    this.#listener = listener;
    this.#keptByAll = kept;
    if (kept !== undefined) this.#kept = noMessages;
  }

  /** Sets the stream that messages are written to, from the first one on. Can be called again while `repeatable`. */
  attach(stream: NodeStream): void {
    this.#stream = stream;
    for (const chunk of this.#kept ?? noMessages) stream.write(chunk, undefined, false);
    if (this.#state === "ended") this.#writeEnd(stream);
    else if (this.#bytes > 0 || this.#state === "full") this.#schedule();
  }

  /** Whether all messages can be written to another stream. */
  get repeatable(): boolean {
    return this.#kept !== undefined;
  }

  /** Forgets what was written: no other stream will be attached. */
  commit(): void {
    this.#kept = undefined;
    if (this.#keptByAll !== undefined) this.#keptByAll.bytes -= this.#keptBytes;
    this.#keptBytes = 0;
  }

  /**
   * Adds a message. If it is the `last` one, also ends the stream.
   *
   * @param compress whether to use the compression, if there is one
   * @returns false if no more should be added until `onDrain`, or if the stream is gone. The message then waits for
   *   another stream, if there can be one
   * @throws GRPCError RESOURCE_EXHAUSTED if the message is over the limit, Error if it cannot be encoded
   */
  add(message: Message, last = false, compress = true): boolean {
    const bytes = this.#encode(message, compress);
    const stream = this.#stream;
    const lost = stream?.writable === false;
    if (lost && !this.repeatable) return false;
    if (this.#bytes === 0) this.#messages = [bytes];
    else this.#messages.push(bytes);
    this.#bytes += PREFIX_LENGTH + bytes.length;
    if (last) {
      this.end();
      return true;
    }
    if (lost) this.#state = "full";
    else if (this.#bytes >= MAX_WRITE_BYTES || (this.#lastWriteWasSingle && stream?.pendingBytes === 0)) this.#flush();
    else this.#schedule();
    if (stream !== undefined) {
      if (stream.writable && stream.needsDrain && stream.pendingBytes >= HIGH_WATER_BYTES) this.#waitForDrain(stream);
    } else if (this.#bytes >= HIGH_WATER_BYTES) {
      this.#state = "full";
    }
    return this.#state !== "full";
  }

  /**
   * Ends the stream after the messages already added, in the same write if
   * possible. `onDrain` is not called after it.
   */
  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    if (this.#stream !== undefined) this.#writeEnd(this.#stream);
  }

  /** Writes the messages added in this tick. */
  #flushTick(): void {
    this.#scheduled = false;
    this.#flush();
    // The writer may have become full before the stream was attached.
    const stream = this.#stream;
    if (this.#state !== "full" || !stream?.writable) return;
    if (stream.needsDrain) this.#waitForDrain(stream);
    else this.#onDrained();
  }

  #waitForDrain(stream: NodeStream): void {
    this.#state = "full";
    stream.onceDrained(() => this.#onDrained());
  }

  #onDrained(): void {
    if (this.#state !== "full") return;
    this.#state = "open";
    this.#listener.onDrain();
  }

  #encode(message: Message, compress: boolean): Uint8Array {
    const bytes = toBinary(this.#schema, message);
    if (bytes.length > this.#maxBytes) {
      throw new GRPCError(
        Status.RESOURCE_EXHAUSTED,
        `A message of ${bytes.length} bytes is over the limit of ${this.#maxBytes} (maxSendMessageBytes)`,
      );
    }
    const coding = codings[this.encoding];
    if (coding === undefined) return bytes;
    if (compress) return coding.compress(bytes);
    this.#uncompressed ??= new Set();
    this.#uncompressed.add(bytes);
    return bytes;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    nextTick(() => this.#flushTick());
  }

  #flush(): void {
    const stream = this.#stream;
    if (this.#bytes > 0 && stream?.writable && this.#state !== "ended") this.#write(stream);
  }

  #writeEnd(stream: NodeStream): void {
    if (!stream.writable) return;
    if (this.#bytes === 0) stream.end();
    else this.#write(stream, { last: true });
  }

  /** Writes all messages in one chunk, except for a large one at the end, which follows without being copied. */
  #write(stream: NodeStream, { last = false } = {}): void {
    const messages = this.#messages;
    const final = messages.at(-1);
    const large = final !== undefined && final.length >= MAX_WRITE_BYTES ? final : undefined;
    const chunk = Buffer.allocUnsafe(this.#bytes - (large?.length ?? 0));
    const compressed = this.encoding !== "identity";
    let offset = 0;
    for (const message of messages) {
      offset = writePrefix(chunk, offset, message.length, compressed && !this.#uncompressed?.has(message));
      if (message === large) break;
      chunk.set(message, offset);
      offset += message.length;
    }
    this.#lastWriteWasSingle = messages.length === 1;
    this.#messages = noMessages;
    this.#bytes = 0;
    this.#uncompressed?.clear();
    this.#keep(chunk, large);
    stream.write(chunk, large, last);
  }

  #keep(chunk: Uint8Array, following: Uint8Array | undefined): void {
    const all = this.#keptByAll;
    if (this.#kept === undefined || all === undefined) return;
    const bytes = chunk.length + (following?.length ?? 0);
    this.#keptBytes += bytes;
    all.bytes += bytes;
    if (this.#keptBytes > MAX_KEPT_BYTES || all.bytes > MAX_KEPT_BYTES_OF_ALL) return this.commit();
    if (this.#kept === noMessages) this.#kept = [chunk];
    else this.#kept.push(chunk);
    if (following !== undefined) this.#kept.push(following);
  }
}
