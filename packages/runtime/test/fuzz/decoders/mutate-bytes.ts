import type { Random } from "../../random.js";
import { below, noise, oneOf } from "../chance.js";

/** Changes bytes at random. */
export type Mutation = (random: Random, bytes: Buffer, corpus: readonly Buffer[]) => Buffer;

/** Changes of bytes of any form. */
export const byteMutations: readonly [Mutation, ...Mutation[]] = [
  withFlippedBits,
  withExtremeByte,
  (random, bytes) => bytes.subarray(...someRange(random, bytes)),
  (random, bytes) => bytes.subarray(0, below(random, bytes.length + 1)),
  (random, bytes) => replaced(bytes, someRange(random, bytes), none),
  (random, bytes) => inserted(random, bytes, noise(random, 1 + below(random, 8))),
  withExtremeNumber,
  withRepeatedPart,
  withPartOfAnother,
];

const none = Buffer.alloc(0);

type Range = readonly [start: number, end: number];

function someRange(random: Random, { length }: Buffer): [start: number, end: number] {
  const start = below(random, length + 1);
  return [start, start + below(random, length - start + 1)];
}

function replaced(bytes: Buffer, [start, end]: Range, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]);
}

/** The bytes, with others inserted somewhere, or in place of as many. */
export function inserted(random: Random, bytes: Buffer, others: Uint8Array): Buffer {
  const start = below(random, bytes.length + 1);
  return replaced(bytes, [start, start + oneOf(random, [0, others.length])], others);
}

function withFlippedBits(random: Random, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  for (let count = 1 + below(random, 4); count > 0; count--) {
    const at = below(random, changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << below(random, 8));
  }
  return changed;
}

function withExtremeByte(random: Random, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed[below(random, changed.length)] = oneOf(random, [0, 1, 0x20, 0x7f, 0x80, 0xc0, 0xfe, 0xff]);
  return changed;
}

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x3fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff] as const;

/** Puts an extreme number where a length may be: in 4 bytes, as in a frame, or as a varint, as in protobuf. */
function withExtremeNumber(random: Random, bytes: Buffer): Buffer {
  const number = oneOf(random, extremes);
  return inserted(random, bytes, oneOf(random, [fourBytes, varint])(number));
}

function fourBytes(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function varint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = number;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.of(...bytes, rest);
}

function withRepeatedPart(random: Random, bytes: Buffer): Buffer {
  const range = someRange(random, bytes);
  const times = oneOf(random, [2, 3, random() < 0.05 ? 100 : 4]);
  return replaced(bytes, range, Buffer.concat(Array<Buffer>(times).fill(bytes.subarray(...range))));
}

/** The start of the bytes and the end of another input, or a part of another one inserted. */
function withPartOfAnother(random: Random, bytes: Buffer, corpus: readonly Buffer[]): Buffer {
  const other = corpus[below(random, corpus.length)] ?? none;
  const [start, end] = someRange(random, other);
  if (random() < 0.5) return inserted(random, bytes, other.subarray(start, end));
  return Buffer.concat([bytes.subarray(0, below(random, bytes.length + 1)), other.subarray(start)]);
}
