import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { frame } from "./raw-client.js";

/** The compressions other than identity, with the functions of node:zlib. */
const zlibs = {
  gzip: { compress: gzipSync, decompress: gunzipSync },
  deflate: { compress: deflateSync, decompress: inflateSync },
} as const;

export type Zipped = keyof typeof zlibs;

export const zipped: readonly Zipped[] = ["gzip", "deflate"];

/** Compresses the message of a frame and returns it as a new frame. */
export function compressFrame(framed: Uint8Array, compression: Zipped): Uint8Array {
  return frame(zlibs[compression].compress(framed.subarray(5)), 1);
}

/** Splits a body into frames, each with its flags and its bytes. */
export function framesOf(body: Buffer): { readonly flags: number; readonly bytes: Buffer }[] {
  const frames: { flags: number; bytes: Buffer }[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    frames.push({ flags: body.readUInt8(at), bytes: body.subarray(at + 5, end) });
    at = end;
  }
  return frames;
}

/** Decompresses the frames of a body. @throws Error if one of them is not compressed in this format */
export function decompressFrames(body: Buffer, compression: Zipped): Buffer {
  const plain = framesOf(body).map(({ flags, bytes }) => {
    if (flags !== 1) throw new Error(`A frame has the flags ${flags}`);
    return frame(zlibs[compression].decompress(bytes));
  });
  return Buffer.concat(plain);
}
