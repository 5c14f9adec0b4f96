/** The length of the prefix of a message: one byte of flags, four bytes of message length. */
export const PREFIX_LENGTH = 5;

/** The flag of a compressed message. */
const COMPRESSED = 1;

/**
 * Writes the prefix of a message.
 *
 * @returns the offset after the prefix, where the message begins
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

/** Why bytes are not a valid frame: reserved flags, or a length over the limit. */
export type FrameError =
  | { readonly kind: "flags"; readonly flags: number }
  | { readonly kind: "length"; readonly length: number };

/** A received message, still encoded, or the error in the bytes in its place. */
export type Frame = { readonly kind: "message"; readonly bytes: Uint8Array; readonly compressed: boolean } | FrameError;

/**
 * Splits the chunks of a stream into frames, one at a time on request. The rest
 * is held as bytes.
 *
 * A chunk that arrives while nothing is held is used in place, without a copy.
 * Later chunks are appended to a buffer that grows with the bytes received, not
 * with the length that a prefix claims. A list of chunks would be simpler, but if
 * a peer sends single bytes, it takes a hundred times their memory.
 */
export class FrameReader {
  readonly #maxLength: number;
  readonly #copy: (bytes: Uint8Array) => Uint8Array;
  #held: Uint8Array = empty;
  #start = 0;
  #end = 0;
  /** A copy of a part of what is held, from `#copyStart` to `#copyEnd`. */
  #copied: Uint8Array = empty;
  #copyStart = 0;
  #copyEnd = 0;

  /**
   * @param maxLength the longest message in bytes. A longer one is an error as soon as its prefix has arrived.
   * @param copy copies small messages, several at a time, so that they do not keep a large chunk alive
   */
  constructor(maxLength: number, copy: (bytes: Uint8Array) => Uint8Array) {
    this.#maxLength = maxLength;
    this.#copy = copy;
  }

  /** The number of bytes held. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Whether bytes after the next message have arrived. */
  get hasBytesAfterNext(): boolean {
    return this.length > PREFIX_LENGTH + this.#messageLength;
  }

  /** Adds the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.length === 0) {
      this.#held = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#copyEnd = 0;
      return;
    }
    // There is no room after a chunk that is used in place, only in a buffer of this reader.
    // Stryker disable next-line EqualityOperator: a buffer that gets full may be replaced at once
    if (this.#end + chunk.length > this.#held.length) this.#makeRoom(chunk.length);
    this.#held.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The error in the prefix of the next frame, if it has arrived and has one. */
  get error(): FrameError | undefined {
    return this.length < PREFIX_LENGTH ? undefined : this.#check(this.#flags, this.#messageLength);
  }

  /** Takes the next frame; `undefined` if it is not complete. Do not use the reader after an error. */
  next(): Frame | undefined {
    if (this.length < PREFIX_LENGTH) return undefined;
    const flags = this.#flags;
    const length = this.#messageLength;
    const error = this.#check(flags, length);
    if (error !== undefined) return error;
    const begin = this.#start + PREFIX_LENGTH;
    const end = begin + length;
    if (end > this.#end) return undefined;
    const bytes = this.#take(begin, end);
    this.#start = end;
    // Do not keep the chunk alive while the stream waits.
    if (this.length === 0) this.#held = this.#copied = empty;
    return { kind: "message", bytes, compressed: flags === COMPRESSED };
  }

  /** A message that does not keep a much larger chunk alive. */
  #take(begin: number, end: number): Uint8Array {
    if (end > this.#copyEnd) {
      const bytes = partOf(this.#held, begin, end);
      if (!keepsLargeBuffer(bytes)) return bytes;
      this.#copyStart = begin;
      this.#copyEnd = Math.max(end, Math.min(begin + COPIED_LENGTH, this.#end));
      this.#copied = this.#copy(this.#held.subarray(begin, this.#copyEnd));
    }
    return partOf(this.#copied, begin - this.#copyStart, end - this.#copyStart);
  }

  #check(flags: number, length: number): FrameError | undefined {
    if (flags > COMPRESSED) return { kind: "flags", flags };
    const maxLength = flags === COMPRESSED ? compressedLength(this.#maxLength) : this.#maxLength;
    return length > maxLength ? { kind: "length", length } : undefined;
  }

  get #flags(): number {
    return this.#held[this.#start] ?? 0;
  }

  get #messageLength(): number {
    return readLength(this.#held, this.#start + 1);
  }

  #makeRoom(added: number): void {
    const needed = this.length + added;
    // If only one incomplete message is held, aim for a buffer of exactly its length. It is at least what an incomplete
    // prefix says.
    const whole = PREFIX_LENGTH + this.#messageLength;
    // Stryker disable next-line EqualityOperator: a message that is now complete may have spare room or not
    const room = whole > needed ? Math.min(whole, GROWTH * needed) : Math.ceil(SPARE * needed);
    const larger = new Uint8Array(room);
    larger.set(this.#held.subarray(this.#start, this.#end));
    this.#end = this.length;
    this.#start = 0;
    this.#held = larger;
    this.#copyEnd = 0;
  }
}

/** For an incomplete message, a buffer may be this many times as long as the bytes received. */
const GROWTH = 4;

/** For complete messages, a buffer is this many times as long as its bytes: little, as many streams may hold one. */
const SPARE = 1.5;

/** The longest compressed form of a message: bytes that cannot be compressed become slightly longer. */
function compressedLength(length: number): number {
  return length + Math.ceil(length / 1024) + 64;
}

/** Reads an unsigned number of four bytes, the highest first. */
function readLength(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return (bytes[at] ?? 0) * 2 ** 24 + low;
}

const empty = new Uint8Array(0);

/** A part of a chunk, as a plain Uint8Array: the bytes fields of decoded messages would expose a Buffer. */
function partOf(chunk: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset + start, end - start);
}

/** Messages in smaller chunks are not copied: a copy keeps alive a buffer of this length, Node's Buffer pool. */
const MAX_KEPT_LENGTH = 8 * 1024;

/**
 * At least this number of bytes is copied at a time, if so many have arrived: one copy serves many small messages. Each
 * of them keeps the whole copy alive.
 */
const COPIED_LENGTH = 1024;

/** A message is copied if it is a smaller part than this of a larger chunk. */
const MIN_SHARE = 1 / 4;

/** Whether a message would keep a much larger chunk alive. */
export function keepsLargeBuffer(part: Uint8Array): boolean {
  const { byteLength } = part.buffer;
  return byteLength > MAX_KEPT_LENGTH && part.length < byteLength * MIN_SHARE;
}
