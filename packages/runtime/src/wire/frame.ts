/** Length of what stands before each message: one byte of flags, four of length. */
export const PREFIX_LENGTH = 5;

/** The flag of a message that is compressed. */
const COMPRESSED = 1;

/**
 * Writes what stands before a message, which may be compressed.
 *
 * @returns where the message begins
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests (Length-Prefixed-Message)
 */
export function writePrefix(target: Uint8Array, offset: number, length: number, compressed: boolean): number {
  target[offset] = compressed ? COMPRESSED : 0;
  target[offset + 1] = length >>> 24;
  target[offset + 2] = length >>> 16;
  target[offset + 3] = length >>> 8;
  target[offset + 4] = length;
  return offset + PREFIX_LENGTH;
}

/** Takes the messages that are framed. */
export interface FrameSink {
  onFrame(message: Uint8Array, compressed: boolean): void;
  /** Copies a small message, so that it does not keep a large chunk alive. */
  copy(message: Uint8Array): Uint8Array;
}

/** What is wrong with the bytes that a {@link FrameReader} was given. */
export type FrameError =
  | { readonly kind: "flags"; readonly flags: number }
  | { readonly kind: "length"; readonly length: number };

/**
 * Takes a stream of frames apart, whatever the chunks that it comes in.
 *
 * A message that lies within one chunk is passed on without a copy, unless it
 * is a small part of the chunk, which it would keep alive. A message in many
 * chunks is collected in one buffer that grows with what arrives, not with what
 * the prefix claims.
 */
export class FrameReader {
  readonly #maxLength: number;
  readonly #sink: FrameSink;
  #prefixLength = 0;
  #flags = 0;
  #expected = 0;
  #message: Uint8Array = empty;
  #messageLength = 0;

  /** @param maxLength of a message; a longer one is an error, before it is buffered */
  constructor(maxLength: number, sink: FrameSink) {
    this.#maxLength = maxLength;
    this.#sink = sink;
  }

  /** Whether the bytes so far end within a frame. */
  get incomplete(): boolean {
    return this.#prefixLength > 0;
  }

  /**
   * Takes the next bytes, and passes on the messages that they complete.
   *
   * @returns what is wrong with them; then the reader must not be used any more
   */
  push(chunk: Uint8Array): FrameError | undefined {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#prefixLength < PREFIX_LENGTH) {
        offset = this.#readPrefix(chunk, offset);
        if (this.#prefixLength < PREFIX_LENGTH) return undefined;
        const error = this.#checkPrefix();
        if (error !== undefined) return error;
      }
      const end = Math.min(offset + this.#expected - this.#messageLength, chunk.length);
      const complete = end - offset === this.#expected - this.#messageLength;
      if (!complete || this.#messageLength > 0) this.#collect(chunk.subarray(offset, end));
      if (!complete) return undefined;
      const message = this.#messageLength > 0 ? this.#message : bytesOf(chunk, offset, end);
      offset = end;
      this.#prefixLength = 0;
      this.#expected = 0;
      this.#message = empty;
      this.#messageLength = 0;
      this.#sink.onFrame(isSmallPart(message) ? this.#sink.copy(message) : message, this.#flags === COMPRESSED);
    }
    return undefined;
  }

  #readPrefix(chunk: Uint8Array, start: number): number {
    const end = Math.min(start + PREFIX_LENGTH - this.#prefixLength, chunk.length);
    let offset = start;
    if (this.#prefixLength === 0) this.#flags = chunk[offset++] ?? 0;
    for (; offset < end; offset++) this.#expected = this.#expected * 256 + (chunk[offset] ?? 0);
    this.#prefixLength += end - start;
    return end;
  }

  #checkPrefix(): FrameError | undefined {
    if (this.#flags > COMPRESSED) return { kind: "flags", flags: this.#flags };
    const maxLength = this.#flags === COMPRESSED ? compressedLength(this.#maxLength) : this.#maxLength;
    return this.#expected > maxLength ? { kind: "length", length: this.#expected } : undefined;
  }

  #collect(part: Uint8Array): void {
    const length = this.#messageLength + part.length;
    if (length > this.#message.length) {
      const larger = new Uint8Array(Math.min(GROWTH * length, this.#expected));
      larger.set(this.#message.subarray(0, this.#messageLength));
      this.#message = larger;
    }
    this.#message.set(part, this.#messageLength);
    this.#messageLength = length;
  }
}

/** A buffer has room for this many times the bytes that have arrived. */
const GROWTH = 4;

/** What cannot be compressed becomes longer by this, at the most. */
function compressedLength(length: number): number {
  return length + Math.ceil(length / 1024) + 64;
}

const empty = new Uint8Array(0);

/** A part of a chunk, as no Buffer even if that is one: it would show in the bytes fields of messages. */
function bytesOf(chunk: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset + start, end - start);
}

/** Smaller chunks may as well stay alive: buffers that copies share have this length. */
const MAX_KEPT_LENGTH = 8 * 1024;

/** Below this share of a larger chunk a message is copied out. */
const MIN_SHARE = 1 / 4;

function isSmallPart(part: Uint8Array): boolean {
  const { byteLength } = part.buffer;
  return byteLength > MAX_KEPT_LENGTH && part.length < byteLength * MIN_SHARE;
}
