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

/** What is wrong with the bytes where a frame should be. */
export type FrameError =
  | { readonly kind: "flags"; readonly flags: number }
  | { readonly kind: "length"; readonly length: number };

/** A message as it came, or what is wrong with the bytes in its place. */
export type Frame = { readonly kind: "message"; readonly bytes: Uint8Array; readonly compressed: boolean } | FrameError;

/**
 * Takes a stream of frames apart, whatever the chunks that it comes in, one
 * frame at a time when it is asked for. What has not been asked for stays bytes.
 *
 * While nothing else is held, a chunk is used where it is, without a copy. Later
 * ones are appended in a buffer that grows with what arrives, not with what a
 * prefix claims. A list of the chunks would take a hundred times the memory of
 * what it holds, for a peer that sends single bytes.
 */
export class FrameReader {
  readonly #maxLength: number;
  #held: Uint8Array = empty;
  #start = 0;
  #end = 0;
  /** Whether what is held lies in a buffer of ours, with room after it. */
  #canAppend = false;

  /** @param maxLength of a message; a longer one is an error as soon as its prefix is there */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Bytes that are held. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Whether bytes are there that follow the next message. */
  get goesBeyondNext(): boolean {
    return this.length > PREFIX_LENGTH && this.length > PREFIX_LENGTH + this.#messageLength;
  }

  /** Adds the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.length === 0) {
      this.#held = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#canAppend = false;
      return;
    }
    if (!this.#canAppend || this.#end + chunk.length > this.#held.length) this.#makeRoom(chunk.length);
    this.#held.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** What is wrong with the next frame, as far as its prefix tells. */
  get error(): FrameError | undefined {
    return this.length < PREFIX_LENGTH ? undefined : this.#check(this.#flags, this.#messageLength);
  }

  /** Takes the next frame; `undefined` where it is not complete. After an error the reader must not be used any more. */
  next(): Frame | undefined {
    if (this.length < PREFIX_LENGTH) return undefined;
    const flags = this.#flags;
    const length = this.#messageLength;
    const error = this.#check(flags, length);
    if (error !== undefined) return error;
    const begin = this.#start + PREFIX_LENGTH;
    const end = begin + length;
    if (end > this.#end) return undefined;
    const bytes = partOf(this.#held, begin, end);
    this.#start = end;
    // A stream that waits keeps no chunk alive.
    if (this.length === 0) this.#held = empty;
    return { kind: "message", bytes, compressed: flags === COMPRESSED };
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
    const held = this.#held;
    let length = 0;
    for (let i = 1; i < PREFIX_LENGTH; i++) length = length * 256 + (held[this.#start + i] ?? 0);
    return length;
  }

  #makeRoom(added: number): void {
    const needed = this.length + added;
    // A large message fills a buffer of its own length, if it is all there is.
    const whole = this.length < PREFIX_LENGTH ? 0 : PREFIX_LENGTH + this.#messageLength;
    const room = whole > needed ? Math.min(whole, GROWTH * needed) : Math.ceil(SPARE * needed);
    const larger = new Uint8Array(room);
    larger.set(this.#held.subarray(this.#start, this.#end));
    this.#end = this.length;
    this.#start = 0;
    this.#held = larger;
    this.#canAppend = true;
  }
}

/** For a message that is still arriving, a buffer has room for this many times the bytes that are there. */
const GROWTH = 4;

/** For messages that wait to be asked for, a buffer has this much room: little, as there may be many such streams. */
const SPARE = 1.5;

/** What cannot be compressed becomes longer by this, at the most. */
function compressedLength(length: number): number {
  return length + Math.ceil(length / 1024) + 64;
}

const empty = new Uint8Array(0);

/** A part of a chunk, as no Buffer even if that is one: it would show in the bytes fields of messages. */
function partOf(chunk: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset + start, end - start);
}

/** Smaller chunks may as well stay alive: buffers that copies share have this length. */
const MAX_KEPT_LENGTH = 8 * 1024;

/** Below this share of a larger chunk a message is copied out. */
const MIN_SHARE = 1 / 4;

/** Whether a message would keep a much larger chunk alive. */
export function isSmallPart(part: Uint8Array): boolean {
  const { byteLength } = part.buffer;
  return byteLength > MAX_KEPT_LENGTH && part.length < byteLength * MIN_SHARE;
}
