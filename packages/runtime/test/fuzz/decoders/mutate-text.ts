import type { Random } from "../../random.js";
import { below, oneOf } from "../chance.js";
import { byteMutations, inserted, type Mutation } from "./mutate-bytes.js";

/** Changes of text, given as bytes. */
export const textMutations: readonly [Mutation, ...Mutation[]] = [
  ...byteMutations,
  (random, bytes) => inserted(random, bytes, Buffer.from(oneOf(random, tokens), "latin1")),
  (random, bytes) => inserted(random, bytes, Buffer.from(anyCharacters(random))),
  withOtherCase,
  withLongRun,
];

/** Changes of a list of lines. Lists of headers are written as `name: value`. */
export const lineMutations: readonly [Mutation, ...Mutation[]] = [
  onLines((random, lines) => lines.splice(below(random, lines.length), 1)),
  onLines((random, lines) => lines.push(lines[below(random, lines.length)] ?? "")),
  onLines((random, lines, corpus) => {
    const others = (corpus[below(random, corpus.length)] ?? Buffer.alloc(0)).toString("latin1").split("\n");
    lines.splice(below(random, lines.length + 1), 0, others[below(random, others.length)] ?? "");
  }),
  onLines((random, lines, corpus) => {
    const at = below(random, lines.length);
    const [name = "", ...value] = (lines[at] ?? "").split(": ");
    const changed = oneOf(random, textMutations)(random, Buffer.from(value.join(": "), "latin1"), corpus);
    lines[at] = `${name}: ${changed.toString("latin1").replaceAll("\n", " ")}`;
  }),
  ...textMutations,
];

function onLines(change: (random: Random, lines: string[], corpus: readonly Buffer[]) => unknown): Mutation {
  return (random, bytes, corpus) => {
    const lines = bytes.toString("latin1").split("\n");
    change(random, lines, corpus);
    return Buffer.from(lines.join("\n"), "latin1");
  };
}

/** Texts with a meaning in some format. */
const tokens = [
  ...["%", "%4", "%E4", "%00", "%zz", "=", "==", ",", ", ", ";", ":", "/", "-bin: ", "\\", '"', "\r\n\r\n", "\n", "\0"],
  ...["0", "-1", "+1", "1e9", "00", "99999999", "99999999999999999999", "NaN", "Infinity", "0x10", "H", "n"],
  ...["__proto__", "constructor", "toString", "grpc-", "identity", "gzip", "application/grpc", "type.googleapis.com/"],
  ...["\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xed\xa0\x80", "\xef\xbb\xbf"],
] as unknown as readonly [string, ...string[]];

/** The first and the last code unit of some ranges. */
const ranges = [
  ...[[0, 0x20] as const, [0x20, 0x7e] as const, [0x7f, 0xff] as const, [0x100, 0x2fff] as const],
  ...[[0xd800, 0xdfff] as const, [0xfff0, 0xffff] as const, [0x2028, 0x202f] as const],
] as unknown as readonly [readonly [number, number], ...(readonly [number, number])[]];

/** Some UTF-16 code units, lone surrogates among them. */
export function anyCharacters(random: Random): string {
  return Array.from({ length: 1 + below(random, 6) }, () => {
    const [first, last] = oneOf(random, ranges);
    return String.fromCharCode(first + below(random, last - first + 1));
  }).join("");
}

/** Writes a letter in the other case. */
function withOtherCase(random: Random, bytes: Buffer): Buffer {
  const at = below(random, bytes.length);
  return Buffer.from(
    bytes.map((byte, index) => (index === at && /[a-z]/i.test(String.fromCharCode(byte)) ? byte ^ 0x20 : byte)),
  );
}

/** Repeats a character, up to the length of the longest headers. Most runs are short, as long ones take long. */
function withLongRun(random: Random, bytes: Buffer): Buffer {
  const length = oneOf(random, [10, 100, random() < 0.1 ? 1000 : 30]) * (random() < 0.05 ? 30 : 1);
  const byte = bytes[below(random, bytes.length)] ?? 0x20;
  return inserted(random, bytes, Buffer.alloc(length, byte));
}
