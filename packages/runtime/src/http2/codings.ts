import { constants } from "node:buffer";
import { deflateSync, gunzipSync, gzipSync, inflateSync, type ZlibOptions } from "node:zlib";
import type { Compression } from "../core/compression.js";

/** Compresses messages, and the other way round. Synchronous, as the encoding of messages is. */
export interface Coding {
  compress(message: Uint8Array): Uint8Array;

  /**
   * @returns `undefined` for a message of more bytes than that, which is not decompressed any further
   * @throws Error of node:zlib if it is not compressed like this
   */
  decompress(compressed: Uint8Array, maxBytes: number): Uint8Array | undefined;
}

/** What each compression does; identity has nothing to do. */
export const codings: Readonly<Record<Compression, Coding | undefined>> = {
  identity: undefined,
  gzip: coding(gzipSync, gunzipSync),
  deflate: coding(deflateSync, inflateSync),
};

type Convert = (bytes: Uint8Array, options?: ZlibOptions) => Buffer;

function coding(compress: Convert, decompress: Convert): Coding {
  return {
    compress: (message) => compress(message),
    decompress(compressed, maxBytes) {
      // What node:zlib takes for a limit: infinity and zero would be out of its range.
      const maxOutputLength = Math.min(Math.max(maxBytes, 1), constants.MAX_LENGTH);
      try {
        // A copy: it may be a small part of a larger buffer, and a Buffer would show in the bytes fields of messages.
        const message = new Uint8Array(decompress(compressed, { maxOutputLength }));
        return message.length <= maxBytes ? message : undefined;
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") return undefined;
        throw error;
      }
    },
  };
}
