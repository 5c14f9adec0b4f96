import {
  clone,
  create,
  type DescMessage,
  isMessage,
  type JsonObject,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type Any,
  AnySchema,
  anyPack,
  DurationSchema,
  Int64ValueSchema,
  StringValueSchema,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { type Detail, detail, Unknown } from "../../src/errors/detail.js";
import { detailFromJson, detailToJson } from "../../src/errors/detail-json.js";
import { DetailRegistry, schemasOf } from "../../src/errors/detail-registry.js";
import { packDetails } from "../../src/errors/status-details.js";
import type { DetailJson } from "../../src/errors/unknown-json.js";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { NestedAnySchema } from "../gen/test/v1/nested_any_pb.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";

const none = schemasOf(new DetailRegistry());
const byDefault = schemasOf(undefined);
const known = schemasOf(new DetailRegistry(ErrorInfoSchema, StatusSchema, AnySchema, NestedAnySchema, DurationSchema));

const pack = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>) => {
  return anyPack(schema, create(schema, init));
};
const info = pack(ErrorInfoSchema, { reason: "GONE" });
const infoJson = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "GONE" };
const own = pack(OwnDetailSchema, { text: "own" });
const ownJson = { "@type": "type.googleapis.com/test.v1.OwnDetail", "@bytes": "CgNvd24=" };
const corrupt = create(AnySchema, { typeUrl: "a/google.rpc.ErrorInfo", value: Uint8Array.of(10, 255) });
const corruptJson = { "@type": "a/google.rpc.ErrorInfo", "@bytes": "Cv8=" };

const nested = (init: MessageInitShape<typeof NestedAnySchema>) => detail(NestedAnySchema, init);
const nestedJson = (fields: object) => ({ "@type": "type.googleapis.com/test.v1.NestedAny", ...fields });
const statusOf = (...details: Any[]) => detail(StatusSchema, { code: 5, message: "text", details });
const statusJson = (...details: object[]) => ({
  "@type": "type.googleapis.com/google.rpc.Status",
  code: 5,
  message: "text",
  details,
});

const rows: [title: string, detail: Detail, json: object][] = [
  ["a google.rpc.Status", statusOf(info), statusJson(infoJson)],
  ["a google.rpc.Status with an unknown detail", statusOf(own, info), statusJson(ownJson, infoJson)],
  ["a google.rpc.Status with a corrupt detail", statusOf(corrupt, info), statusJson(corruptJson, infoJson)],
  [
    "a google.rpc.Status inside another",
    statusOf(pack(StatusSchema, { code: 5, message: "text", details: [own] })),
    statusJson(statusJson(ownJson)),
  ],
  ["an Any in a field", nested({ single: info }), nestedJson({ single: infoJson })],
  ["an unknown Any in a field", nested({ single: own }), nestedJson({ single: ownJson })],
  ["an empty Any", nested({ single: {} }), nestedJson({ single: {} })],
  ["Any in a list", nested({ list: [own, info] }), nestedJson({ list: [ownJson, infoJson] })],
  [
    "Any in a map",
    nested({ byName: { "": own, "a.b": info, constructor: info } }),
    nestedJson({ byName: { "": ownJson, "a.b": infoJson, constructor: infoJson } }),
  ],
  ["an Any in a oneof", nested({ choice: { case: "chosen", value: own } }), nestedJson({ chosen: ownJson })],
  [
    "Any in nested messages",
    nested({ message: { message: { list: [own] } }, byNumber: { [-1]: { single: info } } }),
    nestedJson({ message: { message: { list: [ownJson] } }, byNumber: { "-1": { single: infoJson } } }),
  ],
  [
    "an Any in a message in an Any",
    nested({ single: pack(NestedAnySchema, { single: own, value: "v" }) }),
    nestedJson({ single: nestedJson({ single: ownJson, value: "v" }) }),
  ],
  ["an Any", detail(AnySchema, info), { "@type": "type.googleapis.com/google.protobuf.Any", value: infoJson }],
  ["an unknown Any", detail(AnySchema, own), { "@type": "type.googleapis.com/google.protobuf.Any", value: ownJson }],
  ["an empty Any as a detail", detail(AnySchema), { "@type": "type.googleapis.com/google.protobuf.Any", value: {} }],
  [
    "an Any in an Any in an Any",
    detail(AnySchema, pack(AnySchema, pack(AnySchema, own))),
    {
      "@type": "type.googleapis.com/google.protobuf.Any",
      value: {
        "@type": "type.googleapis.com/google.protobuf.Any",
        value: { "@type": "type.googleapis.com/google.protobuf.Any", value: ownJson },
      },
    },
  ],
  [
    "an Any whose JSON is not an object",
    nested({ single: pack(DurationSchema, { seconds: 3n }) }),
    nestedJson({ single: { "@type": "type.googleapis.com/google.protobuf.Duration", value: "3s" } }),
  ],
  ["an Unknown", new Unknown("example.com/a.B", Uint8Array.of(1, 2)), { "@type": "example.com/a.B", "@bytes": "AQI=" }],
  ["an Unknown without bytes", new Unknown("example.com/a.B"), { "@type": "example.com/a.B", "@bytes": "" }],
  ["a corrupt detail", new Unknown("a/google.rpc.ErrorInfo", Uint8Array.of(10, 255)), corruptJson],
];

describe("a detail as JSON", () => {
  test.for(rows)("%s", ([, shown, json]) => {
    expect(JSON.parse(JSON.stringify(detailToJson(shown, known)))).toEqual(json);
  });

  test("google.rpc.Status and the types in it are known by default", () => {
    expect(detailToJson(statusOf(info, own), byDefault)).toEqual(statusJson(infoJson, ownJson));
  });

  test("shows the bytes of a message that has no JSON", () => {
    const never = detail(TimestampSchema, { seconds: 1n << 60n });
    expect(detailToJson(never, byDefault)).toEqual({
      "@type": "type.googleapis.com/google.protobuf.Timestamp",
      "@bytes": Buffer.from(toBinary(TimestampSchema, never)).toString("base64"),
    });
  });

  test("ends for a thousand nested messages of type Any", () => {
    let any = own;
    for (let i = 0; i < 1_000; i++) any = pack(AnySchema, any);
    expect(JSON.stringify(detailToJson(detail(AnySchema, any), known))).toContain('"value":');
  });
});

/** A restored detail as its type and bytes, to compare it with the original. */
const packed = (shown: Detail) => packDetails([shown], none).packed;

describe("a restored detail", () => {
  test.for(rows)("%s", ([, shown]) => {
    const json = JSON.parse(JSON.stringify(detailToJson(shown, known))) as DetailJson;
    const before = structuredClone(json);
    const restored = detailFromJson(json, known);
    expect(packed(restored)).toEqual(packed(shown));
    expect(isMessage(restored)).toBe(isMessage(shown));
    expect(json).toEqual(before);
  });

  const infoDetail = detail(ErrorInfoSchema, { reason: "GONE" });

  test("of a type that is not known keeps its JSON, and can be unpacked", () => {
    const restored = detailFromJson(infoJson, none) as Unknown;
    expect(String(restored)).toBe("Unknown('google.rpc.ErrorInfo')");
    expect(restored).toMatchObject({ typeUrl: infoJson["@type"], typeName: "google.rpc.ErrorInfo", cause: undefined });
    expect(restored.unpack(ErrorInfoSchema)).toEqual(infoDetail);
    expect(restored.unpack(OwnDetailSchema)).toBeUndefined();
    expect(detailToJson(restored, none)).toEqual(infoJson);
  });

  test("of a type that is not known can be sent where it is known, and is dropped elsewhere", () => {
    const restored = detailFromJson(infoJson, none) as Unknown;
    expect(packDetails([restored], byDefault)).toEqual({ packed: [{ ...info, $typeName: undefined }], dropped: [] });
    const { packed: sent, dropped } = packDetails([restored], none);
    expect(sent).toEqual([]);
    expect(String(dropped[0]?.reason)).toMatch(
      /^TypeError: The schema of the detail google\.rpc\.ErrorInfo is not known/,
    );
    expect(() => restored.value).toThrow(/google\.rpc\.ErrorInfo has no bytes.*registerDetails/);
  });

  test("of a type that is known here only, from its bytes", () => {
    const json = detailToJson(new Unknown(own.typeUrl, own.value), none) as DetailJson;
    expect(detailFromJson(json, schemasOf(new DetailRegistry(OwnDetailSchema)))).toEqual(
      create(OwnDetailSchema, { text: "own" }),
    );
  });

  test("ignores fields that only a newer version has", () => {
    expect(detailFromJson({ ...infoJson, newer: 1 }, byDefault)).toEqual(infoDetail);
  });

  test.for<[title: string, json: DetailJson]>([
    ["a field of another type", { ...infoJson, reason: 5 }],
    ["a nested type that is not known", { ...nestedJson({ single: { "@type": "a.B", text: "x" } }) } as DetailJson],
    ["a list in place of an Any", { ...nestedJson({ single: [] }) } as DetailJson],
  ])("with %s becomes an Unknown with a cause, and keeps its JSON", ([, json]) => {
    const restored = detailFromJson(json, known);
    expect(restored).toBeInstanceOf(Unknown);
    expect(restored).toMatchObject({ cause: expect.any(Error) });
    expect(detailToJson(restored, known)).toEqual(json);
  });

  // As JSON they look like base64.
  test.for<Message>([
    detail(NestedAnySchema, { value: "AQI=" }),
    detail(StringValueSchema, { value: "AQI=" }),
    detail(Int64ValueSchema, { value: 1234n }),
    detail(DurationSchema, { seconds: 100n }),
  ])("with a text in the field `value` is not taken for bytes: $$typeName", (shown) => {
    const find = schemasOf(new DetailRegistry(NestedAnySchema, StringValueSchema, Int64ValueSchema, DurationSchema));
    const json = detailToJson(shown, find) as DetailJson;
    expect(detailFromJson(json, find)).toEqual(shown);
    const restored = detailFromJson(json, none) as Unknown;
    expect(restored.unpack(find(shown.$typeName) as DescMessage)).toEqual(shown);
    expect(packDetails([restored], find).packed).toEqual(packDetails([shown], find).packed);
    expect(detailToJson(restored, none)).toEqual(json);
  });

  test.for([1_000, 1_001, 5_000])("of a type that is not known can be converted to JSON again: %i levels", (levels) => {
    let value: JsonObject = { "@type": "a.B" };
    for (let i = 1; i < levels; i++) value = { "@type": "a.B", nested: value };
    const restored = detailFromJson(value as DetailJson, none) as Unknown;
    expect(restored.typeName).toBe("a.B");
    expect(restored.cause === undefined).toBe(levels <= 1_000);
    const json = JSON.stringify(detailToJson(restored, none));
    expect(json.split("nested").length).toBe(levels <= 1_000 ? levels : 1);
  });

  test("cannot change other objects by a key named __proto__", () => {
    const json = JSON.parse(`{
      "@type": "type.googleapis.com/test.v1.NestedAny",
      "byName": { "__proto__": { "@type": "a.B", "@bytes": "AQI=" } },
      "byNumber": { "1": { "byName": { "__proto__": { "@type": "a.B", "@bytes": "AQI=" } } } }
    }`) as DetailJson;
    detailToJson(detailFromJson(json, known), known);
    expect(Object.keys(Object.getOwnPropertyDescriptors(Object.prototype))).not.toContain("@type");
    expect(({} as { "@type"?: string })["@type"]).toBeUndefined();
  });
});

test("a message is not changed by its conversion", () => {
  const message: Message = nested({ list: [own, info], message: { single: own } });
  const before = clone(NestedAnySchema, message as never);
  detailToJson(message, known);
  expect(message).toEqual(before);
});
