/** A header: its name and its value. */
export type Field = readonly [name: string, value: string];

/**
 * Headers in HPACK, all of them as literals without indexing and without Huffman
 * coding: whoever sends them keeps no state (RFC 7541, section 6.2.2).
 */
export function encodeFields(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), ...encodeText(name), ...encodeText(value)]));
}

function encodeText(text: string): Buffer[] {
  const bytes = Buffer.from(text, "latin1");
  return [encodeLength(bytes.length), bytes];
}

/** An integer with a prefix of 7 bits (RFC 7541, section 5.1). */
function encodeLength(length: number): Buffer {
  if (length < 0x7f) return Buffer.of(length);
  const bytes = [0x7f];
  let rest = length - 0x7f;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
