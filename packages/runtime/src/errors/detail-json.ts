import {
  clone,
  createRegistry,
  type DescMessage,
  fromBinary,
  fromJson,
  isMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { type Any, AnySchema, anyPack, ValueSchema } from "@bufbuild/protobuf/wkt";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { type Detail, rememberedSchema, rememberSchema, typeNameOf, Unknown } from "./detail.js";
import type { FindDetailSchema } from "./detail-registry.js";
import { type PackedDetail, unpackDetails } from "./status-details.js";
import { type DetailJson, UnknownJson } from "./unknown-json.js";

// The JSON form of details is that of google.protobuf.Any: the type URL as "@type", and the fields of the message.
// protobuf-es converts an Any only if its type is registered, and every Any inside it too. So the messages of type Any
// are taken out of a detail, and converted one by one. What cannot be decoded appears as its bytes, like an Unknown:
// under "@bytes", which is not the name of a field.

/** Converts a detail to JSON. Its type is all that remains of a message whose schema is not known. Never throws. */
export function detailToJson(detail: Detail, findSchema: FindDetailSchema): JsonObject {
  if (detail instanceof Unknown) return detail.toJSON();
  const typeUrl = `type.googleapis.com/${detail.$typeName}`;
  const schema = rememberedSchema(detail) ?? findSchema(detail.$typeName);
  if (schema === undefined) return { "@type": typeUrl };
  return (
    tryOrUndefined(() => messageToJson(typeUrl, schema, detail, findSchema)) ??
    // protobuf-es refuses some values, for example a Timestamp after the year 9999.
    tryOrUndefined(() => bytesToJson({ typeUrl, value: toBinary(schema, detail) })) ?? { "@type": typeUrl }
  );
}

/**
 * Restores a detail. If its type is not known, it keeps its bytes, or else its JSON. Never throws.
 * The content of JSON with very many levels is dropped, because nobody could convert it to text again.
 */
export function detailFromJson(json: DetailJson, findSchema: FindDetailSchema): Detail {
  if (isTooDeep(json)) {
    const cause = new TypeError("Too many levels");
    return new UnknownJson({ "@type": json["@type"] }, messageFromJson, findSchema, { cause });
  }
  try {
    const schema = findSchema(typeNameOf(json["@type"]));
    const value = bytesIn(json);
    if (value !== undefined) return unpackDetails([{ typeUrl: json["@type"], value }], findSchema)[0] as Detail;
    if (schema === undefined) return new UnknownJson(json, messageFromJson, findSchema);
    return messageFromJson(json, schema, findSchema);
  } catch (cause) {
    return new UnknownJson(json, messageFromJson, findSchema, { cause });
  }
}

function messageToJson(
  typeUrl: string,
  schema: DescMessage,
  message: Message,
  findSchema: FindDetailSchema,
): JsonObject {
  const copy = clone(schema, message);
  const nested = [...anysIn(reflect(schema, copy))].map(([path, any]) => {
    const json = anyToJson(any, findSchema);
    Object.assign(any, { typeUrl: "", value: new Uint8Array(0) });
    return [path, json] as const;
  });
  const json = toJson(AnySchema, anyPack(schema, copy), { registry: createRegistry(schema) }) as JsonObject;
  for (const [path, value] of nested) setAt(json, path, value);
  return { ...json, "@type": typeUrl };
}

function anyToJson(any: Any, findSchema: FindDetailSchema): JsonObject {
  if (any.typeUrl === "") return {};
  const schema = findSchema(typeNameOf(any.typeUrl));
  const decode = (known: DescMessage) => {
    return tryOrUndefined(() => messageToJson(any.typeUrl, known, fromBinary(known, any.value), findSchema));
  };
  return (schema && decode(schema)) ?? bytesToJson(any);
}

function bytesToJson({ typeUrl, value }: PackedDetail): JsonObject {
  return new Unknown(typeUrl, value).toJSON();
}

/** @throws an error if the message, or a nested one, cannot be decoded */
function messageFromJson<Desc extends DescMessage>(
  json: DetailJson,
  schema: Desc,
  findSchema: FindDetailSchema,
): MessageShape<Desc> {
  // The first lookup is for the message itself. For those nested in it, any JSON is a valid google.protobuf.Value.
  const lookups: DescMessage[] = [schema];
  const registry = { ...createRegistry(), getMessage: () => lookups.pop() ?? ValueSchema };
  const { value } = fromJson(AnySchema, json, { registry, ignoreUnknownFields: true });
  const message = fromBinary(schema, value);
  for (const [path, any] of anysIn(reflect(schema, message))) {
    Object.assign(any, anyFromJson(getAt(json, path), findSchema));
  }
  return rememberSchema(message, schema);
}

function anyFromJson(json: unknown, findSchema: FindDetailSchema): PackedDetail {
  if (!isDetailJson(json)) return { typeUrl: "", value: new Uint8Array(0) };
  const typeUrl = json["@type"];
  const schema = findSchema(typeNameOf(typeUrl));
  const value = bytesIn(json);
  if (value !== undefined) return { typeUrl, value };
  if (schema === undefined) throw new TypeError(`The type ${typeUrl} is not known`);
  return { typeUrl, value: toBinary(schema, messageFromJson(json, schema, findSchema)) };
}

/** Whether a value has the form of a detail in JSON. */
export function isDetailJson(value: unknown): value is DetailJson {
  return typeof Object(value)["@type"] === "string";
}

/** The bytes in the JSON of an Unknown; `undefined` for the JSON of a message. */
function bytesIn({ "@bytes": bytes }: DetailJson): Uint8Array | undefined {
  return typeof bytes === "string" ? base64Decode(bytes) : undefined;
}

/** Whether the JSON has more than 1,000 levels: `JSON.stringify()` fails for some thousand. */
function isTooDeep(json: unknown, levels = 1000): boolean {
  if (Object(json) !== json) return false;
  return levels === 0 || Object.values(json as object).some((value) => isTooDeep(value, levels - 1));
}

type Path = readonly string[];

/** The messages of type Any in a message, and where they are in the JSON of an Any that holds the message. */
function* anysIn(message: ReflectMessage, path: Path = []): Iterable<readonly [Path, Any]> {
  if (isMessage(message.message, AnySchema)) {
    yield [path.length === 0 ? ["value"] : path, message.message];
    return;
  }
  for (const [keys, value] of valuesIn(message)) {
    if (isReflectMessage(value)) yield* anysIn(value, [...path, ...keys]);
  }
}

/** The values in the fields of a message, and where they are in its JSON. */
function* valuesIn(message: ReflectMessage): Iterable<readonly [Path, unknown]> {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === "list") {
      for (const [index, item] of [...message.get(field)].entries()) yield [[field.jsonName, String(index)], item];
    } else if (field.fieldKind === "map") {
      for (const [key, item] of message.get(field)) yield [[field.jsonName, String(key)], item];
    } else yield [[field.jsonName], message.get(field)];
  }
}

/** The value at a path. Only own properties: the key of a map may be `__proto__`. */
function getAt(json: unknown, path: Path): unknown {
  return path.reduce((value, key) => {
    return typeof value === "object" && value !== null && Object.hasOwn(value, key)
      ? Reflect.get(value, key)
      : undefined;
  }, json);
}

function setAt(json: JsonObject, path: Path, value: JsonValue): void {
  const parent = getAt(json, path.slice(0, -1));
  const key = path.at(-1) ?? "";
  if (getAt(parent, [key]) !== undefined) Reflect.set(parent as JsonObject, key, value);
}
