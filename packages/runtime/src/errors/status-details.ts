import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { isBytes } from "../core/bytes.js";
import type { Status } from "../core/status.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { type Detail, rememberedSchema, rememberSchema, typeNameOf, Unknown } from "./detail.js";
import type { FindDetailSchema } from "./detail-registry.js";
import { UnknownJson } from "./unknown-json.js";

/** The contents of a `google.rpc.Status`. */
export interface StatusDetails {
  /** The status code inside the message. `grpc-status` takes precedence over it. */
  readonly code?: number;
  /** The status message inside the message. `grpc-message` takes precedence over it, unless it is empty or missing. */
  readonly message?: string;
  /** The details, still encoded, in the order in which they were sent. */
  readonly details: readonly PackedDetail[];
  /** Why the bytes could not be decoded. `details` is then empty. */
  readonly cause?: unknown;
}

/** Decodes a `google.rpc.Status`, but not the details in it. Never throws. */
export function parseStatusDetails(bytes: Uint8Array): StatusDetails {
  try {
    const { code, message, details } = fromBinary(StatusSchema, bytes);
    return { code, message, details };
  } catch (cause) {
    return { details: [], cause };
  }
}

/**
 * Decodes each detail separately, and keeps their order. Details that cannot be
 * decoded become {@link Unknown}. Never throws.
 */
export function unpackDetails(packed: readonly PackedDetail[], findSchema: FindDetailSchema): readonly Detail[] {
  return packed.map((detail) => unpack(detail, findSchema));
}

/** An encoded detail: the contents of a `google.protobuf.Any`. */
export interface PackedDetail {
  /** The type URL. What follows its last `/` is the full name of the message type. */
  readonly typeUrl: string;
  /** The encoded message. */
  readonly value: Uint8Array;
}

/** A detail that could not be sent, and why. */
export interface DroppedDetail {
  readonly detail: Detail;
  readonly reason: unknown;
}

/** Encodes details for a `google.rpc.Status`. Returns the ones that cannot be encoded as `dropped`. */
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

/**
 * Encodes a `google.rpc.Status`. Creating the message and encoding it with
 * `toBinary()` takes several times as long as this, which writes each field.
 */
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
  // Always a new object, also for a detail that is listed twice: callers tell packed details apart by identity.
  if (detail instanceof UnknownJson) return pack(detail.decode(schemaOf(detail.typeName, findSchema)), findSchema);
  if (detail instanceof Unknown) return packUnknown(detail);
  const value = toBinary(rememberedSchema(detail) ?? schemaOf(detail.$typeName, findSchema), detail);
  return { typeUrl: `type.googleapis.com/${detail.$typeName}`, value };
}

/** Checks the fields, which untyped code or another version of this package may have set. */
function packUnknown({ typeUrl, value }: Unknown): PackedDetail {
  if (typeof typeUrl === "string" && isBytes(value)) return { typeUrl, value };
  throw new TypeError("An Unknown needs a type URL and a Uint8Array.");
}

function schemaOf(typeName: string, findSchema: FindDetailSchema): DescMessage {
  const schema = findSchema(typeName);
  if (schema !== undefined) return schema;
  throw new TypeError(
    `The schema of the detail ${typeName} is not known. Create the detail with ` +
      "detail(schema, init), or pass the schema to registerDetails() or to the server's registry.",
  );
}
