/** The types of HTTP/2 frames that faults look at (RFC 9113, section 6). */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** The flags of frames. ACK is the first bit of SETTINGS, END_STREAM that of DATA and HEADERS. */
export const Flag = { ACK: 1, END_STREAM: 1, END_HEADERS: 4 } as const;

/** The length of the preface that a client sends before its first frame. */
export const PREFACE_BYTES = 24;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** The number of the stream; 0 for the connection. */
  readonly stream: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = 9;

export function encodeFrame({ type, flags, stream, payload }: Frame): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** A frame whose payload is a list of numbers of 32 bits. */
export function frameOf(type: number, stream: number, ...numbers: readonly number[]): Frame {
  const payload = Buffer.alloc(4 * numbers.length);
  for (const [index, number] of numbers.entries()) payload.writeUInt32BE(number, 4 * index);
  return { type, flags: 0, stream, payload };
}

/** Splits the chunks of a connection into frames. */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that are complete with a chunk */
  *push(chunk: Buffer): Iterable<Frame> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (this.#rest.length < HEADER_BYTES) return;
      const end = HEADER_BYTES + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) return;
      const bytes = this.#rest;
      this.#rest = bytes.subarray(end);
      yield {
        type: bytes.readUInt8(3),
        flags: bytes.readUInt8(4),
        stream: bytes.readUInt32BE(5),
        payload: bytes.subarray(HEADER_BYTES, end),
      };
    }
  }
}
