import { constants } from "node:buffer";
import { promisify } from "node:util";
import { deflateSync, gunzip, gunzipSync, gzipSync, inflate, inflateSync, type ZlibOptions } from "node:zlib";
import type { Compression } from "../core/compression.js";

/** Compresses messages, and the other way round. */
export interface Coding {
  /** Synchronous, as the encoding of messages is. */
  compress(message: Uint8Array): Uint8Array;

  /**
   * @returns `undefined` for a message of more bytes than that, which is not decompressed any further
   * @throws Error of node:zlib if it is not compressed like this
   */
  decompress(compressed: Uint8Array, maxBytes: number): Uint8Array | undefined;

  /** The same, on another thread. */
  decompressLater(compressed: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** What each compression does; identity has nothing to do. */
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

/** What node:zlib takes for a limit: infinity and zero would be out of its range. */
function limitedTo(maxBytes: number): ZlibOptions {
  return { maxOutputLength: Math.min(Math.max(maxBytes, 1), constants.MAX_LENGTH) };
}

function within(maxBytes: number, message: Buffer): Uint8Array | undefined {
  // A copy: it may be a small part of a larger buffer, and a Buffer would show in the bytes fields of messages.
  return message.length <= maxBytes ? new Uint8Array(message) : undefined;
}

function undefinedIfTooLarge(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") return undefined;
  throw error;
}
