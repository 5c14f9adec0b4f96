import { inspect } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test, vi } from "vitest";
import { type Detail, detail, findDetail, rememberedSchema, typeNameOf, Unknown } from "../../src/errors/detail.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
} from "../../src/gen/google/rpc/error_details_pb.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";

/** A field of length 5 whose bytes are missing. */
const corrupt = Uint8Array.of(0x0a, 0x05);

const quota = create(QuotaFailureSchema, { violations: [{ subject: "user", description: "too many" }] });
const quotaBytes = toBinary(QuotaFailureSchema, quota);
const quotaUrl = "type.googleapis.com/google.rpc.QuotaFailure";

describe("the type name", () => {
  test.for([
    ["type.googleapis.com/google.rpc.QuotaFailure", "google.rpc.QuotaFailure"],
    ["https://example.com/types/test.v1.OwnDetail", "test.v1.OwnDetail"],
    ["/test.v1.OwnDetail", "test.v1.OwnDetail"],
    ["test.v1.OwnDetail", "test.v1.OwnDetail"],
    ["type.googleapis.com/", ""],
    ["", ""],
  ] as const)("of %j is what follows the last slash: %j", ([typeUrl, typeName]) => {
    expect(typeNameOf(typeUrl)).toBe(typeName);
    expect(new Unknown(typeUrl).typeName).toBe(typeName);
  });
});

describe("an Unknown", () => {
  const unknown = new Unknown(quotaUrl, quotaBytes);

  test("keeps type URL and bytes", () => {
    expect(unknown.typeUrl).toBe(quotaUrl);
    expect(unknown.value).toBe(quotaBytes);
    expect(unknown.cause).toBeUndefined();
  });

  test("prints as Unknown('google.rpc.QuotaFailure')", () => {
    expect(String(unknown)).toBe("Unknown('google.rpc.QuotaFailure')");
    expect(inspect(unknown)).toBe("Unknown('google.rpc.QuotaFailure')");
    expect(inspect([unknown])).toBe("[ Unknown('google.rpc.QuotaFailure') ]");
  });

  test("has a JSON form with its type URL", () => {
    expect(JSON.parse(JSON.stringify(unknown))).toMatchObject({ "@type": quotaUrl });
  });

  test("can be unpacked with the schema of its type", () => {
    expect(unknown.unpack(QuotaFailureSchema)).toEqual(quota);
  });

  test("unpacks to a message that can be sent without being registered", () => {
    expect(rememberedSchema(unknown.unpack(QuotaFailureSchema) ?? quota)).toBe(QuotaFailureSchema);
  });

  test("is not unpacked with the schema of another type", () => {
    expect(unknown.unpack(BadRequestSchema)).toBeUndefined();
  });

  test("is not unpacked if its bytes are corrupt", () => {
    expect(new Unknown(quotaUrl, corrupt).unpack(QuotaFailureSchema)).toBeUndefined();
  });

  test("without bytes unpacks to an empty message", () => {
    expect(new Unknown(quotaUrl).unpack(QuotaFailureSchema)).toEqual(create(QuotaFailureSchema));
  });

  test("says why the bytes of a known type could not be decoded", () => {
    const cause = new RangeError("premature EOF");
    expect(new Unknown(quotaUrl, corrupt, { cause }).cause).toBe(cause);
  });
});

describe("detail()", () => {
  test("creates a message of the type", () => {
    expect(detail(ErrorInfoSchema, { reason: "GONE" })).toEqual(create(ErrorInfoSchema, { reason: "GONE" }));
    expect(detail(ErrorInfoSchema)).toEqual(create(ErrorInfoSchema));
  });

  test("remembers the schema, which create() does not", () => {
    expect(rememberedSchema(detail(OwnDetailSchema))).toBe(OwnDetailSchema);
    expect(rememberedSchema(create(OwnDetailSchema))).toBeUndefined();
  });

  test("accepts a message, and remembers its schema", () => {
    const message = create(OwnDetailSchema, { text: "text" });
    expect(rememberedSchema(detail(OwnDetailSchema, message))).toBe(OwnDetailSchema);
  });

  test("adds no property to the message", () => {
    expect(Object.keys(detail(OwnDetailSchema))).toEqual(Object.keys(create(OwnDetailSchema)));
    expect(inspect(detail(OwnDetailSchema))).toBe(inspect(create(OwnDetailSchema)));
  });

  test("remembers the schema for other versions of the package", () => {
    const schemas = Reflect.get(globalThis, Symbol.for("@grpclib-ts/runtime/schemas/1"));
    expect(schemas.get(detail(OwnDetailSchema))).toBe(OwnDetailSchema);
  });

  test("remembers the schema of a message that is frozen", () => {
    expect(rememberedSchema(detail(OwnDetailSchema, Object.freeze(create(OwnDetailSchema))))).toBe(OwnDetailSchema);
  });

  test("remembers the schema for another copy of the package too", async () => {
    vi.resetModules();
    const copy = await import("../../src/errors/detail.js");
    expect(copy.detail).not.toBe(detail);
    expect(copy.rememberedSchema(detail(OwnDetailSchema))).toBe(OwnDetailSchema);
    expect(rememberedSchema(copy.detail(OwnDetailSchema))).toBe(OwnDetailSchema);
  });
});

describe("findDetail()", () => {
  const first = create(ErrorInfoSchema, { reason: "FIRST" });
  const second = create(ErrorInfoSchema, { reason: "SECOND" });
  const unknownInfo = new Unknown("type.googleapis.com/google.rpc.ErrorInfo", toBinary(ErrorInfoSchema, second));
  const corruptInfo = new Unknown("type.googleapis.com/google.rpc.ErrorInfo", corrupt);

  test.for<[title: string, details: Detail[], expected: Detail | undefined]>([
    ["undefined if there are no details", [], undefined],
    ["undefined if no detail has the type", [create(RetryInfoSchema), new Unknown("a.B")], undefined],
    ["the only detail of the type", [create(RetryInfoSchema), first], first],
    ["the first detail of the type", [first, second], first],
    ["an Unknown of the type, decoded", [unknownInfo], second],
    ["the first one, even if it is an Unknown", [unknownInfo, first], second],
    ["the first one that is not corrupt", [corruptInfo, first], first],
    ["undefined if the only one is corrupt", [corruptInfo], undefined],
  ])("returns %s", ([, details, expected]) => {
    expect(findDetail(details, ErrorInfoSchema)).toEqual(expected);
  });

  test("returns the message itself, not a copy", () => {
    expect(findDetail([first], ErrorInfoSchema)).toBe(first);
  });
});
