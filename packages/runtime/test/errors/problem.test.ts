import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Metadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import { methodErrors } from "../../src/errors/contract.js";
import { type Detail, detail, Unknown } from "../../src/errors/detail.js";
import { DetailRegistry } from "../../src/errors/detail-registry.js";
import { GRPCError } from "../../src/errors/error.js";
import { fromProblem, toProblem } from "../../src/errors/problem.js";
import { packDetails } from "../../src/errors/status-details.js";
import {
  BadRequestSchema,
  DebugInfoSchema,
  ErrorInfoSchema,
  ResourceInfoSchema,
} from "../../src/gen/google/rpc/error_details_pb.js";
import { OwnDetailSchema, TestService } from "../gen/test/v1/test_pb.js";

const info = detail(ErrorInfoSchema, {
  reason: "BOOK_NOT_FOUND",
  domain: "library.example.com",
  metadata: { bookName: "emma" },
});
const resource = detail(ResourceInfoSchema, { resourceType: "book", resourceName: "emma" });

describe("toProblem()", () => {
  test("gives an error with a reason its own type, and the others about:blank", () => {
    expect(toProblem(new GRPCError(Status.NOT_FOUND, "no emma", [resource, info]))).toEqual({
      type: "https://library.example.com/errors/BOOK_NOT_FOUND",
      title: "Book not found",
      status: 404,
      detail: "no emma",
      grpcStatus: "NOT_FOUND",
      reason: "BOOK_NOT_FOUND",
      domain: "library.example.com",
      metadata: { bookName: "emma" },
      details: [{ "@type": "type.googleapis.com/google.rpc.ResourceInfo", resourceType: "book", resourceName: "emma" }],
    });
    expect(toProblem(new GRPCError(Status.ABORTED))).toEqual({
      type: "about:blank",
      title: "Conflict",
      status: 409,
      grpcStatus: "ABORTED",
    });
  });

  // https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
  test.for<[keyof typeof Status, number]>([
    ["CANCELLED", 499],
    ["UNKNOWN", 500],
    ["INVALID_ARGUMENT", 400],
    ["DEADLINE_EXCEEDED", 504],
    ["NOT_FOUND", 404],
    ["ALREADY_EXISTS", 409],
    ["PERMISSION_DENIED", 403],
    ["RESOURCE_EXHAUSTED", 429],
    ["FAILED_PRECONDITION", 400],
    ["ABORTED", 409],
    ["OUT_OF_RANGE", 400],
    ["UNIMPLEMENTED", 501],
    ["INTERNAL", 500],
    ["UNAVAILABLE", 503],
    ["DATA_LOSS", 500],
    ["UNAUTHENTICATED", 401],
  ])("answers %s with %d", ([status, http]) => {
    expect(toProblem(new GRPCError(Status[status]))).toMatchObject({ status: http, grpcStatus: status });
  });

  test("makes a valid URI of any domain and reason", () => {
    const domains = ["a b", "a/b?c#d", "\ud800", "é", "[", "library.v1.LibraryService"];
    for (const domain of domains) {
      const { type } = toProblem(
        new GRPCError(Status.ABORTED, "", [detail(ErrorInfoSchema, { reason: "A/#B", domain })]),
      );
      expect(type).toMatch(/^https:\/\/(?:[\w.-]|%[\dA-F]{2})+\/errors\/A%2F%23B$/);
    }
    const noDomain = toProblem(new GRPCError(Status.ABORTED, "", [detail(ErrorInfoSchema, { reason: "FULL" })]));
    expect(noDomain).toMatchObject({ type: "about:blank", title: "Full", reason: "FULL", domain: "" });
  });

  test("takes the type from the option", () => {
    const type = ({ reason, domain }: { reason: string; domain: string }) => `/errors#${domain}-${reason}`;
    const problem = toProblem(new GRPCError(Status.NOT_FOUND, "", [info]), { type });
    expect(problem.type).toBe("/errors#library.example.com-BOOK_NOT_FOUND");
    expect(toProblem(new GRPCError(Status.NOT_FOUND), { type }).type).toBe("about:blank");
  });

  test("finds an ErrorInfo that was not decoded, and sends an unknown detail as its bytes", () => {
    const packed = packDetails([info], () => undefined).packed[0];
    const undecoded = new Unknown("example.com/google.rpc.ErrorInfo", packed?.value);
    const problem = toProblem(
      new GRPCError(Status.ABORTED, "", [new Unknown("a/b.C", new Uint8Array([8, 1])), undecoded]),
    );
    expect(problem).toMatchObject({ reason: "BOOK_NOT_FOUND", details: [{ "@type": "a/b.C", "@bytes": "CAE=" }] });
  });

  test("knows the types of the option registry", () => {
    const error = new GRPCError(Status.ABORTED, "", [{ $typeName: "test.v1.OwnDetail", text: "a" } as Detail]);
    expect(toProblem(error).details).toEqual([{ "@type": "type.googleapis.com/test.v1.OwnDetail" }]);
    const registry = new DetailRegistry(OwnDetailSchema);
    expect(toProblem(error, { registry }).details).toEqual([
      { "@type": "type.googleapis.com/test.v1.OwnDetail", text: "a" },
    ]);
    expect(() => toProblem(error, { registry: {} as DetailRegistry })).toThrow("registry takes a DetailRegistry");
  });
});

test.for<[title: string, info: object, members: object]>([
  ["no reason", {}, {}],
  ["a number for a reason", { reason: 5, domain: "d" }, {}],
  ["no domain", { reason: "GONE" }, { reason: "GONE", domain: "", metadata: {} }],
  ["a number for a domain", { reason: "GONE", domain: 5 }, { reason: "GONE", domain: "", metadata: {} }],
  [
    "a text for metadata",
    { reason: "GONE", domain: "d", metadata: "emma" },
    { reason: "GONE", domain: "d", metadata: {} },
  ],
  [
    "a number in the metadata",
    { reason: "GONE", domain: "d", metadata: { a: 5, b: "c" } },
    { reason: "GONE", domain: "d", metadata: { b: "c" } },
  ],
])("toProblem() takes only texts from an ErrorInfo with %s", ([, info, members]) => {
  const error = new GRPCError(Status.NOT_FOUND, "x", [{ $typeName: "google.rpc.ErrorInfo", ...info } as Detail]);
  const { status, grpcStatus, title, type, detail, details, ...others } = toProblem(error);
  expect([status, grpcStatus]).toEqual([404, "NOT_FOUND"]);
  expect(others).toEqual(members);
});

describe("what must not leave the server does not:", () => {
  const secret = "10.0.0.7 refused";
  const withheld = { type: "about:blank", title: "Internal Server Error", status: 500, grpcStatus: "UNKNOWN" };

  test("cause, stack, metadata, peer, attempts and DebugInfo", () => {
    const error = new GRPCError(
      Status.NOT_FOUND,
      "no emma",
      [detail(DebugInfoSchema, { detail: secret, stackEntries: [secret] }), info],
      {
        cause: new Error(secret),
        metadata: new Metadata({ secret }),
        peer: secret,
        method: secret,
        attempts: [new GRPCError(Status.UNAVAILABLE, secret)],
      },
    );
    error.stack = secret;
    Object.assign(error, { secret });
    expect(JSON.stringify(toProblem(error))).not.toContain(secret);
    expect(toProblem(error).details).toBeUndefined();
    const undecoded = new Unknown("a/google.rpc.DebugInfo", new Uint8Array());
    expect(toProblem(new GRPCError(Status.ABORTED, "", [undecoded])).details).toBeUndefined();
  });

  test("anything about an error that is not a GRPCError", () => {
    const hostile = new Proxy(() => {}, {
      get() {
        throw new Error(secret);
      },
      getPrototypeOf() {
        throw new Error(secret);
      },
    });
    for (const error of [new Error(secret), secret, undefined, null, 7, { status: 5, message: secret }, hostile]) {
      expect(toProblem(error)).toEqual(withheld);
    }
  });

  test("what cannot be read", () => {
    const error = new GRPCError(Status.NOT_FOUND, secret);
    Object.defineProperty(error, "details", {
      get() {
        throw new Error(secret);
      },
    });
    expect(toProblem(error)).toEqual({ ...withheld, title: "Not Found", status: 404, grpcStatus: "NOT_FOUND" });
    Object.defineProperty(error, "status", { value: 99 });
    expect(toProblem(error)).toEqual(withheld);
  });

  test.for(["peer", "client"] as const)(
    "more than the status of an outgoing call's error (%s), unless it is relayed",
    (origin) => {
      const error = new GRPCError(Status.UNAVAILABLE, secret, [info], { origin });
      expect(toProblem(error)).toEqual({
        type: "about:blank",
        title: "Service Unavailable",
        status: 503,
        grpcStatus: "UNAVAILABLE",
      });
      const all = { detail: secret, reason: "BOOK_NOT_FOUND" };
      expect(toProblem(error.relay())).toMatchObject(all);
      expect(toProblem(error, { relayErrors: true })).toMatchObject(all);
      const declared = { kind: "BOOK_NOT_FOUND", data: {}, declaredBy: "/a/b" };
      expect(toProblem(new GRPCError(Status.UNAVAILABLE, secret, [info], { origin, declared }))).toMatchObject(all);
    },
  );
});

describe("fromProblem()", () => {
  const method = TestService.method.unary;
  const declared = {
    BOOK_NOT_FOUND: { status: Status.NOT_FOUND, reason: "BOOK_NOT_FOUND", domain: "library.example.com" },
  };
  const errors = methodErrors<{
    BOOK_NOT_FOUND(message: string, data: { metadata: Record<string, string> }): GRPCError;
    is(error: unknown): boolean;
  }>(method, declared);

  test("returns an error that the contract of the method recognises", () => {
    const sent = errors.BOOK_NOT_FOUND("no emma", { metadata: { bookName: "emma" } });
    const error = fromProblem(JSON.parse(JSON.stringify(toProblem(sent))));
    expect(error).toMatchObject({ status: Status.NOT_FOUND, message: "no emma", origin: "peer", kind: undefined });
    expect(errors.is(error)).toBe(true);
    expect(error).toMatchObject({
      kind: "BOOK_NOT_FOUND",
      data: { errorInfo: { metadata: { bookName: "emma" } } },
    });
    expect(errors.is(fromProblem({ ...toProblem(sent), reason: "OTHER" }))).toBe(false);
  });

  test.for<[http: number, status: keyof typeof Status]>([
    [400, "INVALID_ARGUMENT"],
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "NOT_FOUND"],
    [405, "UNIMPLEMENTED"],
    [408, "DEADLINE_EXCEEDED"],
    [409, "ABORTED"],
    [412, "FAILED_PRECONDITION"],
    [416, "OUT_OF_RANGE"],
    [418, "FAILED_PRECONDITION"],
    [422, "INVALID_ARGUMENT"],
    [429, "RESOURCE_EXHAUSTED"],
    [499, "CANCELLED"],
    [500, "INTERNAL"],
    [501, "UNIMPLEMENTED"],
    [502, "UNAVAILABLE"],
    [503, "UNAVAILABLE"],
    [504, "DEADLINE_EXCEEDED"],
    [599, "INTERNAL"],
    [200, "UNKNOWN"],
    [-1, "UNKNOWN"],
    [Number.NaN, "UNKNOWN"],
  ])("takes HTTP status %d of another server for %s", ([http, status]) => {
    const problem = { type: "https://example.com/out-of-credit", title: "Out of credit", status: http };
    expect(fromProblem(problem)).toMatchObject({ status: Status[status], message: "Out of credit" });
    expect(fromProblem("<html>", { httpStatus: http })).toMatchObject({
      status: Status[status],
      message: `HTTP status ${http}`,
    });
  });

  test("prefers the gRPC status, then the status of the problem, then that of the answer", () => {
    const options = { httpStatus: 503 };
    expect(fromProblem({ grpcStatus: "ABORTED", status: 404 }, options).status).toBe(Status.ABORTED);
    expect(fromProblem({ grpcStatus: "OK", status: 404 }, options).status).toBe(Status.NOT_FOUND);
    expect(fromProblem({ grpcStatus: 5, status: "404" }, options).status).toBe(Status.UNAVAILABLE);
    expect(fromProblem({ grpcStatus: "5" }).status).toBe(Status.UNKNOWN);
    expect(fromProblem({ grpcStatus: "toString" }).status).toBe(Status.UNKNOWN);
  });

  test("ignores what is invalid, and keeps the rest", () => {
    const valid = { "@type": "type.googleapis.com/google.rpc.ResourceInfo", resourceName: "emma" };
    const problem = {
      ...{ status: 404, detail: 7, reason: "FULL", domain: {}, metadata: { a: "b", c: 1 } },
      details: [valid, 7, null, { "@type": 1 }, { ...valid, resourceName: 7 }],
    };
    const error = fromProblem(problem);
    expect(error.statusMessage).toBe("HTTP status 404");
    expect(error.detail(ErrorInfoSchema)).toMatchObject({ reason: "FULL", domain: "", metadata: { a: "b" } });
    expect(error.details).toHaveLength(3);
    expect(error.detail(ResourceInfoSchema)?.resourceName).toBe("emma");
    expect(error.details?.[2]).toBeInstanceOf(Unknown);
  });

  test("never throws", () => {
    const names = [
      "type",
      "title",
      "status",
      "detail",
      "grpcStatus",
      "reason",
      "domain",
      "metadata",
      "details",
      "@type",
    ];
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, "", "NOT_FOUND", "type.googleapis.com/google.rpc.BadRequest", 404, 1e300),
        fc.string(),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie("value"), { maxKeys: 6 }),
      ),
    })).value;
    const values = fc.oneof(json, fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }));
    fc.assert(
      fc.property(values, (value) => {
        const error = fromProblem(value);
        expect(error).toBeInstanceOf(GRPCError);
        errors.is(error);
        JSON.stringify(error);
      }),
      { numRuns: 2000 },
    );
    const no = () => {
      throw new Error("no");
    };
    const throwing = new Proxy({}, { ownKeys: no });
    const deep = Array.from({ length: 50_000 }).reduce<unknown>((value) => ({ value: [value] }), {});
    const nested = { "@type": "type.googleapis.com/google.protobuf.Struct", value: deep };
    for (const value of [
      throwing,
      { status: 404, details: [nested] },
      { status: 404, metadata: throwing, reason: "A" },
      { status: 404, details: [new Proxy({}, { get: no })] },
    ]) {
      expect(fromProblem(value)).toBeInstanceOf(GRPCError);
    }
    const one = { "@type": "type.googleapis.com/google.rpc.Help" };
    expect(fromProblem({ details: [new Proxy({}, { get: no }), one] }).details).toMatchObject([
      { $typeName: "google.rpc.Help" },
    ]);
    const list = new Proxy([one], { get: no });
    expect(fromProblem({ details: list }).details).toEqual([]);
  });
});

test("An error is the same after toProblem(), JSON and fromProblem()", () => {
  const texts = fc.string({ unit: "grapheme" });
  const infos = fc
    .record({ reason: texts, domain: texts, metadata: fc.dictionary(texts, texts) })
    .map((init) => detail(ErrorInfoSchema, init));
  const others = fc.oneof(
    fc.record({ resourceType: texts, resourceName: texts }).map((init) => detail(ResourceInfoSchema, init)),
    fc
      .array(fc.record({ field: texts, description: texts }))
      .map((fieldViolations) => detail(BadRequestSchema, { fieldViolations })),
    fc.uint8Array().map((bytes) => new Unknown("example.com/test.v1.Other", bytes)),
  );
  const errors = fc.record({
    status: fc.integer({ min: 1, max: 16 }),
    message: fc.option(texts, { nil: undefined }),
    infos: fc.array(infos, { maxLength: 1 }),
    others: fc.array(others, { maxLength: 3 }),
  });
  const contentOf = ({ status, statusMessage, details = [] }: GRPCError) => {
    return { status, statusMessage, details: packDetails(details, () => undefined).packed };
  };
  fc.assert(
    fc.property(errors, ({ status, message, infos, others }) => {
      const error = new GRPCError(status, message, [...infos, ...others]);
      const problem = toProblem(error);
      const sent: unknown = JSON.parse(JSON.stringify(problem));
      expect(sent).toEqual(problem);
      expect(contentOf(fromProblem(sent))).toEqual(contentOf(error));
    }),
  );
});
