import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

// Estimates of memory in bytes, from measurements with Node 20.
/** The object of a message or of a map entry. */
const MESSAGE_BYTES = 130;
/** A field that is not in the schema. */
const UNKNOWN_BYTES = 160;
/** The value of any other field. */
const VALUE_BYTES = 32;

/** Messages nested more deeply are not scanned: the decoder rejects them too. */
const MAX_DEPTH = 100;

/**
 * Estimates the memory of a message once it is decoded, in bytes. It can be far
 * larger than the encoded message: an empty submessage is two bytes long and
 * becomes an object.
 *
 * Accepts any bytes. Malformed ones end the scan; it is the decoder that reports
 * them.
 */
export function decodedSize(schema: DescMessage, bytes: Uint8Array): number {
  const scan = new Scan(bytes);
  scan.fields(fieldsOf(schema), bytes.length, 0);
  return bytes.length + scan.size;
}

/** The estimates for a field. */
interface Field {
  readonly size: number;
  /** The size of each number in a packed list; 0 if the field cannot be packed. */
  readonly packedSize: number;
  /** The fields of the message in this field; `undefined` if it does not hold a message. */
  inner(): Fields | undefined;
}

type Fields = ReadonlyMap<number, Field>;

const noFields: Fields = new Map();
const fieldsBySchema = new WeakMap<DescMessage, Fields>();

function fieldsOf(schema: DescMessage): Fields {
  const known = fieldsBySchema.get(schema);
  // Stryker disable next-line ConditionalExpression: saves time
  if (known !== undefined) return known;
  const fields = new Map(schema.fields.map((field) => [field.number, describe(field)]));
  fieldsBySchema.set(schema, fields);
  return fields;
}

function describe(field: DescField): Field {
  const packedSize = field.fieldKind === "list" && field.listKind !== "message" ? packedSizeOf(field.scalar) : 0;
  if (field.fieldKind === "map") {
    const entry = new Map([value, holding(field.message)].map((part, index) => [index + 1, part]));
    return { size: MESSAGE_BYTES, packedSize, inner: () => entry };
  }
  return { ...holding(field.message), packedSize };
}

function holding(message: DescMessage | undefined): Field {
  if (message === undefined) return value;
  return { size: MESSAGE_BYTES, packedSize: 0, inner: () => fieldsOf(message) };
}

const value: Field = { size: VALUE_BYTES, packedSize: 0, inner: () => undefined };

/** 64-bit integers become bigints, which are objects. */
function packedSizeOf(scalar: ScalarType | undefined): number {
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return 0;
  // Stryker disable next-line ConditionalExpression: undefined is not one of them
  return scalar !== undefined && longs.has(scalar) ? VALUE_BYTES : 8;
}

const longs = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64]);

/** A scan of the fields of a message. */
class Scan {
  size: number = MESSAGE_BYTES;
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  fields(fields: Fields, end: number, depth: number): void {
    while (this.#position < end) {
      const tag = this.#varint();
      const field = fields.get(Math.floor(tag / 8));
      this.size += field?.size ?? UNKNOWN_BYTES;
      const wireType = tag % 8;
      if (wireType === 0) this.#varint();
      else if (wireType === 1) this.#position += 8;
      else if (wireType === 2) this.#delimited(field, end, depth);
      else if (wireType === 3) this.#nested(field?.inner() ?? noFields, end, depth);
      else if (wireType === 5) this.#position += 4;
      // The end of a group, or an invalid wire type.
      else return;
    }
  }

  #delimited(field: Field | undefined, end: number, depth: number): void {
    const length = this.#varint();
    const last = Math.min(this.#position + length, end);
    const packedSize = field?.packedSize ?? 0;
    // Stryker disable next-line ConditionalExpression,EqualityOperator: saves time
    if (packedSize > 0) this.size += packedSize * this.#countNumbers(last);
    const inner = field?.inner();
    if (inner !== undefined) this.#nested(inner, last, depth);
    this.#position = last;
  }

  #nested(fields: Fields, end: number, depth: number): void {
    if (depth < MAX_DEPTH) this.fields(fields, end, depth + 1);
  }

  /** Counts varints by their final bytes. For numbers of a fixed length this is a rough estimate, mostly too high. */
  #countNumbers(end: number): number {
    let count = 0;
    // Stryker disable next-line EqualityOperator: one number more makes no difference to an estimate
    for (let index = this.#position; index < end; index++) if ((this.#bytes[index] ?? 0) < 0x80) count += 1;
    return count;
  }

  /** Reads a varint of at most ten bytes. Like the decoder with tags and lengths, uses its lower 32 bits only. */
  #varint(): number {
    let number = 0;
    let factor = 1;
    // Stryker disable next-line UpdateOperator,EqualityOperator: longer ones are malformed, and the decoder reports them
    for (let length = 0; length < 10; length++) {
      const byte = this.#bytes[this.#position++] ?? 0;
      // Stryker disable next-line EqualityOperator: the remainder below does not contain the sixth byte
      if (length < 5) number += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) break;
    }
    return number % 2 ** 32;
  }
}
