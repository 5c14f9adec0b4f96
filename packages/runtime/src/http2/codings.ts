import { constants } from "node:buffer";
import { promisify } from "node:util";
import { deflateSync, gunzip, gunzipSync, gzipSync, inflate, inflateSync, type ZlibOptions } from "node:zlib";
import type { Compression } from "../core/compression.js";
import { isError } from "../core/is-error.js";

/** Compresses and decompresses messages. */
export interface Coding {
  /** Compresses a message synchronously. */
  compress(message: Uint8Array): Uint8Array;

  /**
   * Decompresses a message synchronously.
   *
   * @returns `undefined` if the result would exceed `maxBytes`. Decompression stops there.
   * @throws Error of node:zlib if the bytes are not compressed in this format
   */
  decompress(compressed: Uint8Array, maxBytes: number): Uint8Array | undefined;

  /** Does the same as `decompress()`, on another thread. Rejects where that throws. */
  decompressLater(compressed: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** The coding of each compression; `undefined` for identity. */
export const codings: Readonly<Record<Compression, Coding | undefined>> = {
  identity: undefined,
  gzip: coding(gzipSync, gunzipSync, promisify(gunzip)),
  deflate: coding(deflateSync, inflateSync, promisify(inflate)),
};

type Convert = (bytes: Uint8Array, options?: ZlibOptions) => Buffer;
type ConvertLater = (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer>;

function coding(compress: Convert, decompress: Convert, decompressLater: ConvertLater): Coding {
  return {
    compress: (message) => compress(message),
    decompress(compressed, maxBytes) {
      try {
        return within(maxBytes, decompress(compressed, limitedTo(maxBytes)));
      } catch (error) {
        return undefinedIfTooLarge(error);
      }
    },
    async decompressLater(compressed, maxBytes) {
      try {
        return within(maxBytes, await decompressLater(compressed, limitedTo(maxBytes)));
      } catch (error) {
        return undefinedIfTooLarge(error);
      }
    },
  };
}

/** The limit as node:zlib accepts it: zero and infinity are outside its range. */
function limitedTo(maxBytes: number): ZlibOptions {
  return { maxOutputLength: Math.min(Math.max(maxBytes, 1), constants.MAX_LENGTH) };
}

function within(maxBytes: number, message: Buffer): Uint8Array | undefined {
  if (message.length > maxBytes) return undefined;
  // Not a Buffer, which the bytes fields of a decoded message would expose, nor a small part of a larger buffer. Large
  // messages own their buffer, and are not copied.
  const ownsBuffer = message.length === message.buffer.byteLength;
  return ownsBuffer ? new Uint8Array(message.buffer) : new Uint8Array(message);
}

function undefinedIfTooLarge(error: unknown): undefined {
  if (isError(error) && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") return undefined;
  throw error;
}
