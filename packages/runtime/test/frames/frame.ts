/** The types of HTTP/2 frames (RFC 9113, section 6). */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** The flags of HTTP/2 frames. ACK is the first bit of SETTINGS and PING, END_STREAM that of DATA and HEADERS. */
export const Flag = { ACK: 1, END_STREAM: 1, END_HEADERS: 4 } as const;

/** The connection preface, which a client sends before its first frame. */
export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** One HTTP/2 frame. */
export interface Http2Frame {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Uint8Array;
}

/** A received frame. */
export type ReceivedFrame = Required<Http2Frame>;

/** Encodes a frame. */
export function encodeFrame({ type, flags = 0, stream = 0, payload = new Uint8Array(0) }: Http2Frame): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, 9);
  return bytes;
}

/** Encodes several frames. */
export function encodeFrames(frames: readonly Http2Frame[]): Buffer {
  return Buffer.concat(frames.map(encodeFrame));
}

/** Splits the chunks of a connection into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes to skip before the first frame. */
  #skip: number;

  /** @param skip the length of the preface if the peer is a client, otherwise 0 */
  constructor(skip = 0) {
    this.#skip = skip;
  }

  /** Adds a chunk. @returns the frames that are complete with it */
  push(chunk: Buffer): ReceivedFrame[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    bytes = bytes.subarray(skipped);
    const frames: ReceivedFrame[] = [];
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      const stream = bytes.readUInt32BE(5) & 0x7fffffff;
      frames.push({ type: bytes.readUInt8(3), flags: bytes.readUInt8(4), stream, payload: bytes.subarray(9, end) });
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return frames;
  }
}
