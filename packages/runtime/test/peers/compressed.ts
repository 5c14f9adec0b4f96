import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { frame } from "./raw-client.js";

/** The compressions that change something, as node:zlib has them. */
const zlibs = {
  gzip: { compress: gzipSync, decompress: gunzipSync },
  deflate: { compress: deflateSync, decompress: inflateSync },
} as const;

export type Zipped = keyof typeof zlibs;

export const zipped: readonly Zipped[] = ["gzip", "deflate"];

/** What is in a frame, compressed in a frame of its own. */
export function compressFrame(framed: Uint8Array, compression: Zipped): Uint8Array {
  return frame(zlibs[compression].compress(framed.subarray(5)), 1);
}

/** The frames that a body is made of, each with its flags and what it holds. */
export function framesOf(body: Buffer): { readonly flags: number; readonly bytes: Buffer }[] {
  const frames: { flags: number; bytes: Buffer }[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    frames.push({ flags: body.readUInt8(at), bytes: body.subarray(at + 5, end) });
    at = end;
  }
  return frames;
}

/** The frames of a body as they would be plain. @throws Error if one of them is not compressed like this */
export function decompressFrames(body: Buffer, compression: Zipped): Buffer {
  const plain = framesOf(body).map(({ flags, bytes }) => {
    if (flags !== 1) throw new Error(`A frame has the flags ${flags}`);
    return frame(zlibs[compression].decompress(bytes));
  });
  return Buffer.concat(plain);
}
