import { seeded } from "../../random.js";
import { below, happens, oneOf } from "../chance.js";
import type { Decoder } from "./decoder.js";
import { byteMutations, type Mutation } from "./mutate-bytes.js";
import { jsonMutations } from "./mutate-json.js";
import { lineMutations, textMutations } from "./mutate-text.js";

const mutations = {
  bytes: byteMutations,
  text: textMutations,
  lines: lineMutations,
  json: jsonMutations,
} as const satisfies Record<string, readonly [Mutation, ...Mutation[]]>;

/** The form of an input: any bytes, a text, lines of text, or JSON. */
export type Format = keyof typeof mutations;

/** The longest input by default: peers may send headers of this size. */
const MAX_BYTES = 64 * 1024;

/** Creates the input with this number: a valid one with some changes. For a given seed it is always the same. */
export function makeInput({ format, corpus, maxBytes = MAX_BYTES }: Decoder, seed: number, index: number): Buffer {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  let input = corpus[below(random, corpus.length)] ?? Buffer.alloc(0);
  do {
    input = oneOf<Mutation>(random, mutations[format])(random, input, corpus);
  } while (input.length < maxBytes && happens(random, 0.6));
  // JSON that is cut off is not JSON.
  return format === "json" ? input : input.subarray(0, maxBytes);
}
