import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { markCompressed } from "../core/compression.js";
import type { CallFailure } from "../errors/call-end.js";
import { keepsLargeBuffer } from "../wire/frame.js";
import { cannotDecode, cannotDecompress, tooLarge } from "../wire/read-failures.js";
import type { Coding } from "./codings.js";

/** Larger messages are decompressed on another thread, so that they do not delay other calls. */
const MAX_SYNC_BYTES = 16 * 1024;

/** The highest compression ratio of deflate: 258 bytes in two bits. */
const MAX_RATIO = 1032;

/** The result of a step, or why it failed. */
export type Attempted<T> = { readonly done: T } | { readonly failure: CallFailure };

/**
 * Decompresses a small message.
 *
 * @returns `undefined` if the message is large. Use `decompressLater()` then.
 */
export function decompressNow(coding: Coding, bytes: Uint8Array, maxBytes: number): Attempted<Uint8Array> | undefined {
  if (bytes.length > MAX_SYNC_BYTES) return undefined;
  const limit = Math.min(maxBytes, MAX_SYNC_BYTES);
  try {
    const done = coding.decompress(bytes, limit);
    if (done !== undefined) return { done };
  } catch (cause) {
    return { failure: cannotDecompress(cause) };
  }
  return limit === maxBytes ? tooLargeDecompressed(maxBytes) : undefined;
}

/** Decompresses a message on another thread. */
export async function decompressLater(
  coding: Coding,
  bytes: Uint8Array,
  maxBytes: number,
): Promise<Attempted<Uint8Array>> {
  try {
    const done = await coding.decompressLater(bytes, maxBytes);
    return done === undefined ? tooLargeDecompressed(maxBytes) : { done };
  } catch (cause) {
    return { failure: cannotDecompress(cause) };
  }
}

/** The largest size that a message can have after decompression, in bytes. */
export function maxDecompressedSize(bytes: Uint8Array, maxBytes: number): number {
  return Math.min(maxBytes, MAX_RATIO * bytes.length);
}

/** Decodes a message, and marks it if it was compressed. */
export function decode(schema: DescMessage, bytes: Uint8Array, compressed: boolean): Attempted<Message> {
  try {
    const message = fromBinary(schema, keepsLargeBuffer(bytes) ? copy(bytes) : bytes);
    return { done: compressed ? markCompressed(message) : message };
  } catch (cause) {
    return { failure: cannotDecode(schema.typeName, cause) };
  }
}

function tooLargeDecompressed(maxBytes: number): { readonly failure: CallFailure } {
  return { failure: tooLarge("A decompressed message", maxBytes) };
}

/**
 * Copies a message into Node's Buffer pool, which cannot be transferred. So a
 * program that transfers one message to a worker does not detach the others.
 */
export function copy(message: Uint8Array): Uint8Array {
  const { buffer, byteOffset } = Buffer.from(message);
  return new Uint8Array(buffer, byteOffset, message.length);
}
