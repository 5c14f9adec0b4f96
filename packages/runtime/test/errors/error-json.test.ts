import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Metadata, receivedMetadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import { type Detail, detail, Unknown } from "../../src/errors/detail.js";
import { DetailRegistry } from "../../src/errors/detail-registry.js";
import { GRPCError } from "../../src/errors/error.js";
import { packDetails } from "../../src/errors/status-details.js";
import { BadRequestSchema, ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { NestedAnySchema } from "../gen/test/v1/nested_any_pb.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";

const method = "/test.v1.TestService/Unary";

/** An error after JSON, as text. */
function restore(error: GRPCError, registry?: DetailRegistry): GRPCError {
  return GRPCError.fromJSON(JSON.parse(JSON.stringify(error)), registry);
}

/** What a function returns or throws. */
function orThrown(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

/** What of an error can be compared after JSON. Details are compared as they would be sent. */
function contentOf(error: GRPCError): object {
  const { name, status, message, statusMessage, method, peer, origin, kind, declaredBy, corruptDetails } = error;
  const attempts = error.attempts?.map((attempt) => contentOf(attempt));
  const details = error.details && packDetails(error.details, () => undefined).packed;
  const metadata = error.metadata && [...error.metadata];
  const shown = { name, status, message, statusMessage, method, peer, origin, kind, declaredBy, corruptDetails };
  return { ...shown, details, metadata, attempts };
}

const full = new GRPCError(
  Status.NOT_FOUND,
  "no such book",
  [detail(BadRequestSchema, { fieldViolations: [{ field: "name" }] }), new Unknown("a/b.C", Uint8Array.of(1, 255))],
  {
    metadata: new Metadata([
      ["key", "a"],
      ["key", "b"],
      ["key-bin", Uint8Array.of(0, 255)],
    ]),
    origin: "peer",
    method,
    peer: "127.0.0.1:50051",
    corruptDetails: Uint8Array.of(1, 2, 3),
    declared: { kind: "BOOK_NOT_FOUND", data: {}, declaredBy: method },
    cause: new Error("why"),
  },
);

/** The JSON of an error whose attempts have attempts, and so on. */
function nested(levels: number): object {
  let json: object = { status: "ABORTED" };
  for (let i = 0; i < levels; i++) json = { status: "ABORTED", attempts: [json] };
  return json;
}

describe("GRPCError.fromJSON()", () => {
  test("accepts 32 levels of attempts of attempts", () => {
    expect(GRPCError.fromJSON(nested(32)).attempts).toMatchObject([{ attempts: [{ status: Status.ABORTED }] }]);
  });

  test.for([33, 100_000])("refuses %d levels of attempts", (levels) => {
    const message = 'Invalid JSON of a GRPCError: "attempts" must be nested 32 levels deep at most.';
    expect(orThrown(() => GRPCError.fromJSON(nested(levels)))).toEqual(new TypeError(message));
  });

  test.for<[title: string, error: GRPCError]>([
    ["everything", full],
    ["no more than a status", new GRPCError(Status.ABORTED)],
    ["an empty message and an empty list of details", new GRPCError(Status.ABORTED, "", [])],
    ["another name", Object.assign(new GRPCError(Status.ABORTED, "text"), { name: "NoSuchBook" })],
    ["a message that was changed later", Object.assign(new GRPCError(Status.ABORTED), { message: "text" })],
    [
      "earlier attempts, which may have earlier ones themselves",
      new GRPCError(Status.ABORTED, "3", undefined, {
        attempts: [full, new GRPCError(Status.ABORTED, "2", undefined, { attempts: [full] })],
      }),
    ],
    [
      "metadata that only a peer can send",
      new GRPCError(Status.ABORTED, "", undefined, { metadata: receivedMetadata([["key", "café "]]) }),
    ],
  ])("restores %s", ([, error]) => {
    expect(contentOf(restore(error))).toEqual(contentOf(error));
  });

  test("takes the result of toJSON() as well", () => {
    expect(contentOf(GRPCError.fromJSON(full.toJSON()))).toEqual(contentOf(full));
  });

  test("creates an error whose stack shows where it was restored", () => {
    const restored = restore(full);
    expect(restored).toBeInstanceOf(GRPCError);
    expect(restored.stack).toMatch(/^GRPCError: no such book\n.*fromJSON/);
  });

  test("restores the cause as text, and a cause only if there is one", () => {
    expect(restore(full).cause).toBe("Error: why");
    expect("cause" in restore(new GRPCError(Status.ABORTED))).toBe(false);
  });

  test("creates an error that has the same JSON", () => {
    expect(restore(full).toJSON()).toEqual(full.toJSON());
  });

  test("decodes details to the types in the registry, which replaces the default one", () => {
    const error = new GRPCError(Status.ABORTED, "", [
      detail(OwnDetailSchema, { text: "own" }),
      detail(ErrorInfoSchema, { reason: "GONE" }),
    ]);
    const registry = new DetailRegistry(OwnDetailSchema);
    expect(restore(error).details?.map(String)).toEqual(["Unknown('test.v1.OwnDetail')", "[object Object]"]);
    expect(restore(error, registry).details?.map(String)).toEqual([
      "[object Object]",
      "Unknown('google.rpc.ErrorInfo')",
    ]);
    expect(restore(error, registry).details?.[0]).toEqual(create(OwnDetailSchema, { text: "own" }));
    expect(restore(error).detail(OwnDetailSchema)).toEqual(create(OwnDetailSchema, { text: "own" }));
  });

  test("uses the registry again when the restored error is converted", () => {
    const nested = anyPack(OwnDetailSchema, create(OwnDetailSchema, { text: "own" }));
    const registry = new DetailRegistry(NestedAnySchema, OwnDetailSchema);
    const error = new GRPCError(Status.ABORTED, "", [detail(NestedAnySchema, { single: nested })], {
      findSchema: (typeName) => registry.get(typeName),
    });
    const [json = {}] = error.toJSON().details ?? [];
    expect(json).toMatchObject({ single: { "@type": "type.googleapis.com/test.v1.OwnDetail", text: "own" } });
    expect(restore(error, registry).toJSON()).toEqual(error.toJSON());
    expect(restore(error, registry).relay().toJSON()).toMatchObject({ details: [json] });
    // Without it, the bytes are shown.
    expect(new GRPCError(Status.ABORTED, "", error.details).toJSON()).toMatchObject({
      details: [{ single: { "@bytes": "CgNvd24=" } }],
    });
  });

  test("restores received metadata, which may have a user-agent", () => {
    const metadata = receivedMetadata([
      ["user-agent", "grpc-go/1.85.0"],
      ["key", "value"],
    ]);
    const restored = GRPCError.fromJSON(new GRPCError(Status.ABORTED, "no", undefined, { metadata }).toJSON());
    expect([...(restored.metadata ?? [])]).toEqual([...metadata]);
  });

  test("leaves out empty metadata", () => {
    const error = new GRPCError(Status.ABORTED, "text", undefined, { metadata: new Metadata() });
    expect(error.toJSON()).not.toHaveProperty("metadata");
  });

  test("treats the error of an outgoing call as one: a handler that throws it does not leak it", () => {
    expect(restore(full).origin).toBe("peer");
  });
});

describe("GRPCError.fromJSON() throws a TypeError for", () => {
  const valid = { name: "GRPCError", status: "NOT_FOUND" };

  test.for<[json: unknown, part: string]>([
    [undefined, "must be an object"],
    [null, "must be an object"],
    ["{}", "Parse its text first"],
    [[valid], "must be an object"],
    [{}, '"status" is missing'],
    [{ name: "TypeError", message: "text" }, '"status" is missing'],
    [{ status: "OK" }, '"status" must be the name of a status other than OK'],
    [{ status: 5 }, '"status" must be'],
    [{ status: "5" }, '"status" must be'],
    [{ status: "toString" }, '"status" must be'],
    [{ ...valid, name: 1 }, '"name" must be a string'],
    [{ ...valid, message: null }, '"message" must be a string'],
    [{ ...valid, details: {} }, '"details" must be a list'],
    [{ ...valid, details: ["text"] }, '"details" must be a list of objects with an "@type"'],
    [{ ...valid, details: [{ value: "" }] }, '"details" must be'],
    [{ ...valid, method: {} }, '"method" must be'],
    [{ ...valid, peer: 1 }, '"peer" must be'],
    [{ ...valid, origin: "server" }, '"origin" must be "peer" or "client"'],
    [{ ...valid, metadata: [] }, '"metadata" must be an object with lists of values'],
    [{ ...valid, metadata: { key: "value" } }, '"metadata" must be'],
    [{ ...valid, metadata: { key: [1] } }, '"metadata" must be'],
    [{ ...valid, metadata: { "key-bin": ["?"] } }, '"metadata" must be'],
    [{ ...valid, metadata: { "grpc-status": ["0"] } }, '"metadata" must be'],
    [{ ...valid, corruptDetails: "?" }, '"corruptDetails" must be base64'],
    [{ ...valid, attempts: valid }, '"attempts" must be a list'],
    [{ ...valid, attempts: [{}] }, '"status" is missing'],
    [{ ...valid, kind: 1 }, '"kind" must be'],
    [{ ...valid, declaredBy: 1 }, '"declaredBy" must be'],
  ])("%j", ([json, part]) => {
    expect(() => GRPCError.fromJSON(json)).toThrow(TypeError);
    expect(() => GRPCError.fromJSON(json)).toThrow(part);
  });
});

describe("any error", () => {
  const text = fc.string({ unit: "grapheme" });
  const ofTypes: fc.Arbitrary<Detail> = fc.oneof(
    fc.record({ reason: text, metadata: fc.dictionary(text, text) }).map((init) => detail(ErrorInfoSchema, init)),
    fc.array(fc.record({ field: text })).map((fieldViolations) => detail(BadRequestSchema, { fieldViolations })),
    // A nested type URL must end with a name.
    fc.tuple(fc.string(), fc.uint8Array()).map(([name, value]) => new Unknown(`example.com/${name}.other`, value)),
  );
  const { anyDetail } = fc.letrec<{ anyDetail: Detail }>((tie) => ({
    anyDetail: fc.oneof(
      { maxDepth: 3 },
      ofTypes,
      fc
        .tuple(fc.array(tie("anyDetail"), { maxLength: 3 }), text)
        .map(([nested, message]) =>
          detail(StatusSchema, { message, details: [...packDetails(nested, () => undefined).packed] }),
        ),
    ),
  }));
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const anyError = fc
    .record({
      status: fc.integer({ min: 1, max: 16 }),
      message: optional(text),
      details: optional(fc.array(anyDetail, { maxLength: 3 })),
      method: optional(text),
      peer: optional(text),
      origin: fc.constantFrom("peer" as const, "client" as const, undefined),
      metadata: optional(
        fc
          .record({ key: fc.array(text, { minLength: 1 }), "key-bin": fc.array(fc.uint8Array(), { minLength: 1 }) })
          .map((record) =>
            receivedMetadata(
              Object.entries(record).flatMap(([k, vs]) => vs.map((v) => [k, v] as [string, string | Uint8Array])),
            ),
          ),
      ),
      corruptDetails: optional(fc.uint8Array()),
    })
    .map(({ status, message, details, ...options }) => new GRPCError(status, message, details, options));

  test("is the same after JSON", () => {
    fc.assert(
      fc.property(anyError, (error) => {
        const restored = restore(error);
        expect(contentOf(restored)).toEqual(contentOf(error));
        expect(restored).toEqual(error);
        expect(restored.toJSON()).toEqual(error.toJSON());
      }),
      { numRuns: 200 },
    );
  });

  test("keeps its status, message and details without their types", () => {
    fc.assert(
      fc.property(anyError, (error) => {
        const restored = restore(error, new DetailRegistry());
        expect(restored.status).toBe(error.status);
        expect(restored.statusMessage).toBe(error.statusMessage);
        expect(restored.toJSON()).toEqual(error.toJSON());
      }),
      { numRuns: 200 },
    );
  });

  test("fails with a TypeError only, whatever the JSON is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("details", "metadata", "name", "cause"), (value, key) => {
        const restored = orThrown(() => GRPCError.fromJSON({ status: "ABORTED", [key]: value }));
        expect(restored instanceof GRPCError || restored instanceof TypeError).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
