import { PREFIX_LENGTH, writeFrame } from "../../src/wire/frame.js";

/** A frame by itself. */
export function encodeFrame(message: Uint8Array, compressed = false): Uint8Array {
  const frame = new Uint8Array(PREFIX_LENGTH + message.length);
  writeFrame(frame, 0, message, compressed);
  return frame;
}
