import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import type { CallFailure } from "../errors/call-end.js";
import { isSmallPart } from "../wire/frame.js";
import { notCompressedLike, notDecodable, tooLarge } from "../wire/read-failures.js";
import type { Coding } from "./codings.js";

/** A message of more bytes than this is decompressed on another thread: more would be felt by the other calls. */
const MAX_SYNC_BYTES = 16 * 1024;

/** Deflate makes nothing longer than this many times what it was: two bits for 258 bytes. */
const MAX_RATIO = 1032;

/** The outcome of a step: what it gives, or why it failed. */
export type Attempted<T> = { readonly done: T } | { readonly failure: CallFailure };

/** Decompresses a small message. @returns `undefined` if it is large, for `decompressLater()` */
export function decompressNow(coding: Coding, bytes: Uint8Array, maxBytes: number): Attempted<Uint8Array> | undefined {
  if (bytes.length > MAX_SYNC_BYTES) return undefined;
  const limit = Math.min(maxBytes, MAX_SYNC_BYTES);
  try {
    const done = coding.decompress(bytes, limit);
    if (done !== undefined) return { done };
  } catch (cause) {
    return { failure: notCompressedLike(cause) };
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
    return { failure: notCompressedLike(cause) };
  }
}

/** The bytes that a message may have once it is decompressed. */
export function maxDecompressedSize(bytes: Uint8Array, maxBytes: number): number {
  return Math.min(maxBytes, MAX_RATIO * bytes.length);
}

/** Decodes a message. */
export function decode(schema: DescMessage, bytes: Uint8Array): Attempted<Message> {
  try {
    return { done: fromBinary(schema, isSmallPart(bytes) ? copy(bytes) : bytes) };
  } catch (cause) {
    return { failure: notDecodable(schema.typeName, cause) };
  }
}

function tooLargeDecompressed(maxBytes: number): { readonly failure: CallFailure } {
  return { failure: tooLarge("A message, decompressed,", maxBytes) };
}

/** Into the pool of Node, which cannot be transferred to a worker with one message in it. */
function copy(message: Uint8Array): Uint8Array {
  const { buffer, byteOffset } = Buffer.from(message);
  return new Uint8Array(buffer, byteOffset, message.length);
}
