/** A header: its name and its value. */
export type Field = readonly [name: string, value: string];

/**
 * Encodes headers in HPACK as literals without indexing and without Huffman
 * coding, so that the sender needs no state (RFC 7541, section 6.2.2).
 */
export function encodeFields(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), ...encodeText(name), ...encodeText(value)]));
}

/** Decodes the output of {@link encodeFields}. Stops at the first header in any other encoding. */
export function decodeFields(block: Buffer): readonly Field[] {
  const fields: Field[] = [];
  for (let at = 0; block[at] === 0; ) {
    const name = decodeText(block, at + 1);
    if (name === undefined) break;
    const value = decodeText(block, name.end);
    if (value === undefined) break;
    fields.push([name.text, value.text]);
    at = value.end;
  }
  return fields;
}

function decodeText(block: Buffer, start: number): { readonly text: string; readonly end: number } | undefined {
  let length = block[start] ?? 0x80;
  let at = start + 1;
  // Huffman coding.
  if (length >= 0x80) return undefined;
  if (length === 0x7f) {
    for (let shift = 0, more = true; more && shift < 28; shift += 7) {
      const byte = block[at++] ?? 0;
      length += (byte & 0x7f) << shift;
      more = byte >= 0x80;
    }
  }
  const end = at + length;
  return end > block.length ? undefined : { text: block.toString("latin1", at, end), end };
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
