/**
 * The size of a text in a header block, in bytes: Huffman-coded if that is shorter. Characters outside printable ASCII
 * are over-estimated.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7541#appendix-B
 */
export function hpackSize(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += codeLengths[text.charCodeAt(i) - FIRST] ?? LONGEST;
  return Math.min(text.length, Math.ceil(bits / 8));
}

/** The lengths of the codes of printable characters, in bits, from the space to the tilde. */
const codeLengths: readonly number[] = [
  ...[6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  ...[13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  ...[15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13],
];
const FIRST = 0x20;

/** At least that of any other character. */
const LONGEST = 30;
