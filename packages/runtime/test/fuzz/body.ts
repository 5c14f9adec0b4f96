import { deflateSync, gzipSync } from "node:zlib";
import { frameMessage, requestMessage } from "../frames/grpc.js";
import type { Random } from "../random.js";
import { below, happens, noise, oneOf, split } from "./chance.js";

/** The maximum payload of a frame. A longer body than two of these is cut off. */
const MAX_FRAME_BYTES = 16_384;

const empty = requestMessage();
const small = requestMessage({ text: "text", number: 5, data: new Uint8Array(20) });
const large = requestMessage({ data: new Uint8Array(10_000) });
const bomb = frameMessage(gzipSync(new Uint8Array(8 << 20)), 1);

const messages: readonly [(random: Random) => Buffer, ...((random: Random) => Buffer)[]] = [
  () => empty,
  () => small,
  () => large,
  (random) => Buffer.concat(Array<Buffer>(below(random, 700)).fill(empty)),
  () => frameMessage(gzipSync(small.subarray(5)), 1),
  () => frameMessage(deflateSync(small.subarray(5)), 1),
  () => frameMessage(gzipSync(small.subarray(5)).subarray(0, 15), 1),
  () => bomb,
  // Reserved flags.
  (random) => frameMessage(small.subarray(5), below(random, 256)),
  // A length over the limit, and one of a message that never arrives.
  () => Buffer.of(0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3),
  () => Buffer.of(0, 0, 0x3f, 0xff, 0xff, 1, 2, 3),
  // Not protobuf.
  (random) => frameMessage(noise(random, below(random, 30))),
  // Nested groups.
  () => frameMessage(Buffer.alloc(3000, 0x0b)),
  (random) => noise(random, below(random, 20)),
];

/** The body of a request or a response, in the chunks in which it is sent. */
export function oddBody(random: Random): readonly Buffer[] {
  const count = happens(random, 0.5) ? 1 : below(random, 4);
  const parts = Array.from({ length: count }, () => (happens(random, 0.5) ? small : oneOf(random, messages)(random)));
  const whole = Buffer.concat(parts);
  const cut = happens(random, 0.2) ? whole.subarray(0, below(random, whole.length + 1)) : whole;
  return split(random, cut, 1 + below(random, 4))
    .flatMap((piece) => [piece.subarray(0, MAX_FRAME_BYTES), piece.subarray(MAX_FRAME_BYTES, 2 * MAX_FRAME_BYTES)])
    .filter((piece) => piece.length > 0 || happens(random, 0.1));
}
