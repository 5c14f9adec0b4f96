import { PREFIX_LENGTH, writePrefix } from "../../src/wire/frame.js";

/** Encodes a message as a single frame. */
export function encodeFrame(message: Uint8Array, compressed = false): Uint8Array {
  const frame = new Uint8Array(PREFIX_LENGTH + message.length);
  frame.set(message, writePrefix(frame, 0, message.length, compressed));
  return frame;
}
