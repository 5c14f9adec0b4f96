/**
 * Encodes and decodes status details independently of the runtime, so that tests
 * do not compare the runtime with itself.
 */

/** A field with a number. */
export function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

/** A field with text, bytes or an encoded message. */
export function bytes(field: number, value: string | Uint8Array): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** A message with these fields. */
export function message(...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat(fields);
}

/** A `google.rpc.Status`, as the value of `grpc-status-details-bin`. Without a code the field is missing. */
export function rpcStatus(code: number | undefined, details: readonly Uint8Array[]): string {
  const codes = code === undefined ? [] : [number(1, code)];
  return message(...codes, bytes(2, "inner"), ...details.map((any) => bytes(3, any))).toString("base64");
}

/** A `google.protobuf.Any`. */
export function any(typeUrl: string, value: Uint8Array): Buffer {
  return message(bytes(1, typeUrl), bytes(2, value));
}

/** A decoded field: its number and its bytes. */
export type Field = readonly [field: number, value: number | Buffer];

/** Reads the fields of a message in their order. @throws RangeError if a field is cut off or has another wire type */
export function fieldsOf(encoded: Buffer): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  const readVarint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = encoded.readUInt8(offset++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (offset < encoded.length) {
    const tag = readVarint();
    const value = readVarint();
    if (tag % 8 === 0) {
      fields.push([tag >> 3, value]);
      continue;
    }
    const end = offset + value;
    if (tag % 8 !== 2 || end > encoded.length) throw new RangeError(`Cannot read the tag ${tag}`);
    fields.push([tag >> 3, encoded.subarray(offset, end)]);
    offset = end;
  }
  return fields;
}

function varint(value: number): Buffer {
  const septets: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) septets.push((rest % 0x80) | 0x80);
  return Buffer.from([...septets, rest]);
}
