import { inspect } from "node:util";
import type { Format } from "./input.js";

/** A function of the runtime that reads what a peer has sent, and what must be true of its results. */
export interface Decoder {
  readonly name: string;
  /** The form of the inputs, which mutations keep to some extent. */
  readonly format: Format;
  /** Longer inputs are cut off. Default: 64 KiB */
  readonly maxBytes?: number;
  /** Valid inputs. */
  readonly corpus: readonly Buffer[];
  /** Decodes an input and checks the result. Throws or rejects if the decoder is wrong. */
  check(input: Buffer): void | Promise<void>;
}

/** A header value or another text of a peer, as node:http2 presents it: a character for each byte. */
export function textIn(input: Buffer): string {
  return input.toString("latin1");
}

/** Checks that two texts are equal. `assert.equal()` takes seconds to compare long ones. */
export function checkSame(actual: string | undefined, expected: string | undefined): void {
  if (actual === expected) return;
  const [first = "", second = ""] = [actual, expected];
  let at = 0;
  while (first[at] === second[at]) at += 1;
  const show = (text: string) => JSON.stringify(text.slice(Math.max(at - 20, 0), at + 20));
  throw new Error(`At character ${at}, got ${show(first)} instead of ${show(second)}`);
}

/** Shows what one of ten inputs was decoded to, as logs do. That takes longer than decoding it. */
export function inspectSome(input: Buffer, decoded: unknown): void {
  if (input.length % 10 === 0) inspect(decoded);
}

/** Texts as inputs. Characters after U+00FF become UTF-8. */
export function inputs(...texts: readonly string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text));
}
