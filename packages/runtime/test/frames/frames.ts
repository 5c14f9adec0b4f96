import { Flag, FrameType, type Http2Frame } from "./frame.js";
import { encodeFields, type Field } from "./hpack.js";

/** Whether a frame ends the sender's half of the stream. */
interface Last {
  readonly endStream?: boolean;
}

/** A complete header block, for headers or trailers. */
export function headers(stream: number, fields: readonly Field[], { endStream = false }: Last = {}): Http2Frame {
  const flags = Flag.END_HEADERS | (endStream ? Flag.END_STREAM : 0);
  return { type: FrameType.HEADERS, flags, stream, payload: encodeFields(fields) };
}

/** The most that a frame may carry by default, in bytes (SETTINGS_MAX_FRAME_SIZE). */
const MAX_FRAME_BYTES = 16_384;

/** A complete header block of any size, in as many frames as it needs. */
export function largeHeaders(stream: number, fields: readonly Field[], last: Last = {}): readonly Http2Frame[] {
  const { type, flags = 0, payload = new Uint8Array(0) } = headers(stream, fields, last);
  const frames: Http2Frame[] = [];
  for (let start = 0; start < payload.length; start += MAX_FRAME_BYTES) {
    const end = start + MAX_FRAME_BYTES;
    frames.push({
      type: start === 0 ? type : FrameType.CONTINUATION,
      flags: (start === 0 ? flags & ~Flag.END_HEADERS : 0) | (end < payload.length ? 0 : Flag.END_HEADERS),
      stream,
      payload: payload.subarray(start, end),
    });
  }
  return frames;
}

/** An incomplete header block: it lacks END_HEADERS, and the frames that must continue it are not sent. */
export function unfinishedHeaders(stream: number, fields: readonly Field[]): Http2Frame {
  return { type: FrameType.HEADERS, stream, payload: encodeFields(fields) };
}

/** A part of a body. */
export function data(stream: number, payload: Uint8Array, { endStream = false }: Last = {}): Http2Frame {
  return { type: FrameType.DATA, flags: endStream ? Flag.END_STREAM : 0, stream, payload };
}

/** A reset of a stream, with an error code (RFC 9113, section 7). */
export function reset(stream: number, code: number): Http2Frame {
  return { type: FrameType.RST_STREAM, stream, payload: uint32s(code) };
}

/** A GOAWAY with the last stream of the receiver that the sender has processed. */
export function goaway(lastStream: number, code: number): Http2Frame {
  return { type: FrameType.GOAWAY, payload: uint32s(lastStream, code) };
}

/** Settings by their numbers (RFC 9113, section 6.5.2). */
export function settings(values: Readonly<Record<number, number>> = {}): Http2Frame {
  const entries = Object.entries(values);
  const payload = Buffer.alloc(6 * entries.length);
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(Number(id), 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  }
  return { type: FrameType.SETTINGS, payload };
}

/** The numbers of the settings that tests use. */
export const Setting = { MAX_CONCURRENT_STREAMS: 3, INITIAL_WINDOW_SIZE: 4 } as const;

/** The acknowledgement of the peer's settings. */
export const settingsAck: Http2Frame = { type: FrameType.SETTINGS, flags: Flag.ACK };

/** A ping. @param id returned in the acknowledgement */
export function ping(id: number): Http2Frame {
  return { type: FrameType.PING, payload: uint32s(0, id) };
}

/** The acknowledgement of a ping. */
export function pingAck(payload: Uint8Array): Http2Frame {
  return { type: FrameType.PING, flags: Flag.ACK, payload };
}

/** Lets the peer send more on a stream, or on the whole connection (stream 0). */
export function windowUpdate(stream: number, bytes: number): Http2Frame {
  return { type: FrameType.WINDOW_UPDATE, stream, payload: uint32s(bytes) };
}

function uint32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}
