import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { isBytes } from "../core/bytes.js";
import type { Status } from "../core/status.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { type Detail, rememberedSchema, rememberSchema, typeNameOf, Unknown } from "./detail.js";
import type { FindDetailSchema } from "./detail-registry.js";

/** What a `google.rpc.Status` says. */
export interface StatusDetails {
  /** The status code inside, which the one in the headers outranks. */
  readonly code?: number;
  readonly details: readonly PackedDetail[];
  /** Why the bytes could not be decoded. There are no details then. */
  readonly cause?: unknown;
}

/** Decodes a `google.rpc.Status`, but not the details in it. Never throws. */
export function parseStatusDetails(bytes: Uint8Array): StatusDetails {
  try {
    const { code, details } = fromBinary(StatusSchema, bytes);
    return { code, details };
  } catch (cause) {
    return { details: [], cause };
  }
}

/** Decodes details, each by itself, in their order. Those that cannot be decoded become {@link Unknown}. Never throws. */
export function unpackDetails(packed: readonly PackedDetail[], findSchema: FindDetailSchema): readonly Detail[] {
  return packed.map((detail) => unpack(detail, findSchema));
}

/** A detail as it is sent: what a `google.protobuf.Any` holds. */
export interface PackedDetail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** A detail that could not be sent, and why. */
export interface DroppedDetail {
  readonly detail: Detail;
  readonly reason: unknown;
}

/** Packs details for a `google.rpc.Status`. Those that cannot be encoded are left out, and returned as dropped. */
export function packDetails(
  details: readonly Detail[],
  findSchema: FindDetailSchema,
): { readonly packed: readonly PackedDetail[]; readonly dropped: readonly DroppedDetail[] } {
  const packed: PackedDetail[] = [];
  const dropped: DroppedDetail[] = [];
  for (const detail of details) {
    try {
      packed.push(pack(detail, findSchema));
    } catch (reason) {
      dropped.push({ detail, reason });
    }
  }
  return { packed, dropped };
}

/** Encodes a `google.rpc.Status`, field by field: through messages it would take several times as long. */
export function encodeStatusDetails(status: Status, message: string, packed: readonly PackedDetail[]): Uint8Array {
  const { code, message: text, details } = StatusSchema.field;
  const writer = new BinaryWriter().tag(code.number, WireType.Varint).int32(status);
  if (message !== "") writer.tag(text.number, WireType.LengthDelimited).string(message);
  for (const { typeUrl, value } of packed) {
    writer.tag(details.number, WireType.LengthDelimited).fork();
    writer.tag(AnySchema.field.typeUrl.number, WireType.LengthDelimited).string(typeUrl);
    if (value.length > 0) writer.tag(AnySchema.field.value.number, WireType.LengthDelimited).bytes(value);
    writer.join();
  }
  return writer.finish();
}

function unpack({ typeUrl, value }: PackedDetail, findSchema: FindDetailSchema): Detail {
  const schema = findSchema(typeNameOf(typeUrl));
  if (schema === undefined) return new Unknown(typeUrl, value);
  try {
    return rememberSchema(fromBinary(schema, value), schema);
  } catch (cause) {
    return new Unknown(typeUrl, value, { cause });
  }
}

function pack(detail: Detail, findSchema: FindDetailSchema): PackedDetail {
  // Each is an object of its own: the same detail may come twice.
  if (detail instanceof Unknown) return packUnknown(detail);
  const value = toBinary(schemaOf(detail, findSchema), detail);
  return { typeUrl: `type.googleapis.com/${detail.$typeName}`, value };
}

/** Checks what untyped code, or another version of this package, may have put into it. */
function packUnknown({ typeUrl, value }: Unknown): PackedDetail {
  if (typeof typeUrl === "string" && isBytes(value)) return { typeUrl, value };
  throw new TypeError("An Unknown needs a type URL and a Uint8Array");
}

function schemaOf(message: Message, findSchema: FindDetailSchema): DescMessage {
  const schema = rememberedSchema(message) ?? findSchema(message.$typeName);
  if (schema !== undefined) return schema;
  throw new TypeError(
    `The schema of the detail ${message.$typeName} is not known. ` +
      "Create it with detail(schema, init), or pass the schema to registerDetails() or to the server's registry",
  );
}
