import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Status } from "../../src/core/status.js";
import { type Detail, detail, rememberedSchema, Unknown } from "../../src/errors/detail.js";
import { DetailRegistry, detailSchemas, type FindDetailSchema } from "../../src/errors/detail-registry.js";
import {
  encodeStatusDetails,
  type PackedDetail,
  packDetails,
  parseStatusDetails,
  unpackDetails,
} from "../../src/errors/status-details.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
} from "../../src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { OwnDetailSchema, TestRequestSchema, TestService } from "../gen/test/v1/test_pb.js";

const findSchema = detailSchemas(undefined, TestService);
const prefix = "type.googleapis.com";

const badRequest = create(BadRequestSchema, { fieldViolations: [{ field: "name", description: "is empty" }] });
const info = create(ErrorInfoSchema, { reason: "GONE", domain: "example.com", metadata: { key: "value" } });
const own = create(OwnDetailSchema, { text: "text" });
const hidden = create(HiddenDetailSchema, { text: "text" });
const unknown = new Unknown("example.com/types/other.v1.Detail", Uint8Array.of(1, 2, 3));
/** A field of length 5 whose bytes are missing. */
const corrupt = Uint8Array.of(0x0a, 0x05);

/** Decodes status details as a caller does. */
function decode(bytes: Uint8Array, find: FindDetailSchema) {
  const { details, ...rest } = parseStatusDetails(bytes);
  return { ...rest, details: unpackDetails(details, find) };
}

function pack<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): PackedDetail {
  const { typeUrl, value } = anyPack(schema, message);
  return { typeUrl, value };
}

function encode(details: readonly Detail[]): Uint8Array {
  return encodeStatusDetails(Status.NOT_FOUND, "no such book", packDetails(details, findSchema).packed);
}

function container(...details: { typeUrl: string; value: Uint8Array }[]): Uint8Array {
  return toBinary(StatusSchema, create(StatusSchema, { code: 5, details }));
}

describe("a round trip", () => {
  test.for<[title: string, details: Detail[]]>([
    ["no details", []],
    ["a detail of google.rpc", [badRequest]],
    ["a detail of the service's file", [own]],
    ["several details, in their order", [own, info, badRequest, info]],
    ["details of the same type, in their order", [info, create(ErrorInfoSchema, { reason: "OTHER" })]],
    ["an unknown detail among others", [info, unknown, own]],
    ["an empty detail", [create(RetryInfoSchema)]],
  ])("keeps %s", ([, details]) => {
    const decoded = decode(encode(details), findSchema);
    expect(decoded).toEqual({ code: Status.NOT_FOUND, message: "no such book", details });
  });

  test("keeps the schemas of the details, so that the error can be forwarded", () => {
    const decoded = decode(encode([own]), findSchema);
    const forwarded = packDetails(decoded.details, () => undefined);
    expect(forwarded).toEqual({ packed: [pack(OwnDetailSchema, own)], dropped: [] });
  });

  const anyDetail = fc.oneof(
    fc
      .record({ reason: fc.string({ unit: "grapheme" }), domain: fc.string() })
      .map((init) => detail(ErrorInfoSchema, init)),
    fc.string({ unit: "binary" }).map((text) => detail(OwnDetailSchema, { text })),
    fc.array(fc.record({ field: fc.string() })).map((fieldViolations) => detail(BadRequestSchema, { fieldViolations })),
    fc.tuple(fc.string(), fc.uint8Array()).map(([name, value]) => new Unknown(`example.com/other.${name}`, value)),
  );

  test("keeps arbitrary details, and encodes them to the same bytes again", () => {
    fc.assert(
      fc.property(fc.array(anyDetail, { maxLength: 5 }), (details) => {
        const bytes = encode(details);
        const decoded = decode(bytes, findSchema);
        expect(decoded.details.map(nameOf)).toEqual(details.map(nameOf));
        expect(encode(decoded.details)).toEqual(bytes);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("decoding", () => {
  test("turns a detail of an unknown type into an Unknown with its URL and bytes", () => {
    const { details } = decode(container(unknown), findSchema);
    expect(details).toEqual([unknown]);
    expect(details[0]).toBeInstanceOf(Unknown);
  });

  test("turns google.rpc.QuotaFailure into an Unknown if the registry does not have it", () => {
    const bytes = container(anyPack(QuotaFailureSchema, create(QuotaFailureSchema)));
    const { details } = decode(bytes, detailSchemas(new DetailRegistry(), TestService));
    expect(details.map(String)).toEqual(["Unknown('google.rpc.QuotaFailure')"]);
  });

  test("remembers the schema of a known type", () => {
    const [decoded = unknown] = decode(encode([own]), findSchema).details;
    expect(decoded).not.toBeInstanceOf(Unknown);
    expect(rememberedSchema(decoded as typeof own)).toBe(OwnDetailSchema);
  });

  test.for([prefix, "https://example.com/types", ""])("ignores the prefix of the type URL: %j", (start) => {
    const bytes = container({ typeUrl: `${start}/google.rpc.ErrorInfo`, value: toBinary(ErrorInfoSchema, info) });
    expect(decode(bytes, findSchema).details).toEqual([info]);
  });

  test("turns corrupt bytes of a known type into an Unknown with a cause, and decodes the others", () => {
    const typeUrl = `${prefix}/google.rpc.BadRequest`;
    const bytes = container(anyPack(ErrorInfoSchema, info), { typeUrl, value: corrupt }, anyPack(OwnDetailSchema, own));
    const { details, cause } = decode(bytes, findSchema);
    expect(cause).toBeUndefined();
    expect(details).toEqual([info, expect.any(Unknown), own]);
    expect(details[1]).toMatchObject({ typeUrl, value: corrupt, cause: expect.any(Error) });
  });

  test.for<[title: string, bytes: Uint8Array]>([
    ["a message that ends too early", Uint8Array.of(0x12, 0x05)],
    ["an invalid tag", Uint8Array.of(0)],
    ["bytes that are not protobuf", new TextEncoder().encode("not a google.rpc.Status")],
    ["a truncated container with valid details", encode([info, own]).subarray(0, -1)],
    ["a varint without an end", new Uint8Array(20).fill(0xff)],
    ["groups that never end", new Uint8Array(1_000_000).fill(0x53)],
  ])("returns no details and a cause for %s", ([, bytes]) => {
    expect(parseStatusDetails(bytes)).toEqual({ details: [], cause: expect.any(Error) });
  });

  test("returns no details and no cause for empty input", () => {
    expect(decode(new Uint8Array(0), findSchema)).toEqual({ code: 0, message: "", details: [] });
  });

  const valid = encode([info, unknown, badRequest]);
  const damaged = fc
    .array(fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce((bytes, [at, byte]) => bytes.with(at, byte), valid));

  test.for<[title: string, bytes: fc.Arbitrary<Uint8Array>]>([
    ["arbitrary bytes", fc.uint8Array({ maxLength: 200 })],
    ["damaged containers", damaged],
    [
      "known types with arbitrary bytes",
      fc.uint8Array().map((value) => container({ typeUrl: "/google.rpc.BadRequest", value })),
    ],
  ])("does not throw for %s", ([, arbitrary]) => {
    fc.assert(
      fc.property(arbitrary, (bytes) => {
        expect(decode(bytes, findSchema).details).toBeInstanceOf(Array);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("encoding", () => {
  test("includes the status and the message of the call", () => {
    const { code, message } = fromBinary(StatusSchema, encode([info]));
    expect({ code, message }).toEqual({ code: Status.NOT_FOUND, message: "no such book" });
  });

  test("writes the same bytes as the generated message", () => {
    const all = fc.array(fc.record({ typeUrl: fc.string({ minLength: 1 }), value: fc.uint8Array() }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.string(), all, (code, message, details) => {
        const status = create(StatusSchema, { code, message, details });
        expect(encodeStatusDetails(code, message, details)).toEqual(toBinary(StatusSchema, status));
      }),
    );
  });

  test("names types as anyPack() does", () => {
    const { details } = fromBinary(StatusSchema, encode([own]));
    expect(details).toEqual([anyPack(OwnDetailSchema, own)]);
  });

  test("forwards an unknown detail byte for byte", () => {
    const original = container(unknown, anyPack(HiddenDetailSchema, hidden));
    const { details } = decode(original, findSchema);
    const { packed, dropped } = packDetails(details, findSchema);
    expect(dropped).toEqual([]);
    expect(encodeStatusDetails(Status.NOT_FOUND, "", packed)).toEqual(original);
  });

  test("forwards a detail with corrupt bytes byte for byte", () => {
    const original = container({ typeUrl: `${prefix}/google.rpc.BadRequest`, value: corrupt });
    const { packed } = packDetails(decode(original, findSchema).details, findSchema);
    expect(encodeStatusDetails(Status.NOT_FOUND, "", packed)).toEqual(original);
  });

  test("always sends a detail that was created with detail()", () => {
    const { packed, dropped } = packDetails([detail(HiddenDetailSchema, { text: "text" })], () => undefined);
    expect(packed).toEqual([pack(HiddenDetailSchema, hidden)]);
    expect(dropped).toEqual([]);
  });

  test("drops a detail whose schema is not known, explains the fix, and keeps the others in order", () => {
    const { packed, dropped } = packDetails([own, hidden, info], findSchema);
    expect(packed).toEqual([pack(OwnDetailSchema, own), pack(ErrorInfoSchema, info)]);
    const reason = new TypeError(
      "The schema of the detail test.v1.HiddenDetail is not known. Create the detail with detail(schema, init), " +
        "or pass the schema to registerDetails() or to the server's registry.",
    );
    expect(dropped).toEqual([{ detail: hidden, reason }]);
  });

  test.for<[title: string, detail: unknown]>([
    ["a field of the wrong type", { ...create(TestRequestSchema), number: "five" }],
    ["an object that is not a message", { text: "text" }],
    ["null", null],
    ["a string", "text"],
  ])("drops %s, gives the reason, and keeps the others", ([, wrong]) => {
    const { packed, dropped } = packDetails([own, wrong as Detail, info], findSchema);
    expect(packed).toEqual([pack(OwnDetailSchema, own), pack(ErrorInfoSchema, info)]);
    expect(dropped).toEqual([{ detail: wrong, reason: expect.any(Error) }]);
  });

  test.for([{ typeUrl: 5 }, { value: "text" }])("drops an Unknown with %j, and says what it needs", (wrong) => {
    const detail = Object.assign(new Unknown("a.B"), wrong);
    const reason = new TypeError("An Unknown needs a type URL and a Uint8Array.");
    expect(packDetails([detail], findSchema)).toEqual({ packed: [], dropped: [{ detail, reason }] });
  });
});

function nameOf(any: Detail): string {
  return any instanceof Unknown ? any.typeUrl : any.$typeName;
}
