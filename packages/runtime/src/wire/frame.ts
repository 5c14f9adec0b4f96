/** Length of what stands before each message: one byte of flags, four of length. */
const PREFIX_LENGTH = 5;

/** The flag of a message that is compressed. */
const COMPRESSED = 1;

/**
 * Frames a message, which may be compressed.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests (Length-Prefixed-Message)
 */
export function encodeFrame(message: Uint8Array, compressed = false): Uint8Array {
  const frame = new Uint8Array(PREFIX_LENGTH + message.length);
  if (compressed) frame[0] = COMPRESSED;
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, PREFIX_LENGTH);
  return frame;
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
  readonly #onMessage: (message: Uint8Array, compressed: boolean) => void;
  readonly #prefix = new Uint8Array(PREFIX_LENGTH);
  #prefixLength = 0;
  #message: Uint8Array = empty;
  #messageLength = 0;
  #expected = 0;
  #compressed = false;

  /**
   * @param maxLength of a message; a longer one is an error, before it is buffered
   * @param onMessage takes each message
   */
  constructor(maxLength: number, onMessage: (message: Uint8Array, compressed: boolean) => void) {
    this.#maxLength = maxLength;
    this.#onMessage = onMessage;
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
        const error = this.#parsePrefix();
        if (error !== undefined) return error;
      }
      const end = Math.min(offset + this.#expected - this.#messageLength, chunk.length);
      const complete = end - offset === this.#expected - this.#messageLength;
      if (!complete || this.#messageLength > 0) this.#collect(chunk.subarray(offset, end));
      if (!complete) return undefined;
      const message = this.#messageLength > 0 ? this.#message.subarray(0, this.#expected) : part(chunk, offset, end);
      offset = end;
      this.#prefixLength = 0;
      this.#message = empty;
      this.#messageLength = 0;
      this.#onMessage(message, this.#compressed);
    }
    return undefined;
  }

  #readPrefix(chunk: Uint8Array, offset: number): number {
    const part = chunk.subarray(offset, offset + PREFIX_LENGTH - this.#prefixLength);
    this.#prefix.set(part, this.#prefixLength);
    this.#prefixLength += part.length;
    return offset + part.length;
  }

  #parsePrefix(): FrameError | undefined {
    const [flags = 0] = this.#prefix;
    if (flags > COMPRESSED) return { kind: "flags", flags };
    const length = new DataView(this.#prefix.buffer).getUint32(1);
    const compressed = flags === COMPRESSED;
    if (length > (compressed ? compressedLength(this.#maxLength) : this.#maxLength)) return { kind: "length", length };
    this.#expected = length;
    this.#compressed = compressed;
    return undefined;
  }

  #collect(part: Uint8Array): void {
    const length = this.#messageLength + part.length;
    if (length > this.#message.length) {
      const larger = new Uint8Array(Math.min(Math.max(length, 2 * this.#message.length), this.#expected));
      larger.set(this.#message.subarray(0, this.#messageLength));
      this.#message = larger;
    }
    this.#message.set(part, this.#messageLength);
    this.#messageLength = length;
  }
}

/** What cannot be compressed becomes longer by this, at the most. */
function compressedLength(length: number): number {
  return length + Math.ceil(length / 1024) + 64;
}

const empty = new Uint8Array(0);

/** Below this share of its chunk a message is copied out. */
const MIN_SHARE = 1 / 4;

function part(chunk: Uint8Array, start: number, end: number): Uint8Array {
  const view = chunk.subarray(start, end);
  return view.length < chunk.buffer.byteLength * MIN_SHARE ? new Uint8Array(view) : view;
}
