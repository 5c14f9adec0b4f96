import { type InspectOptions, inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { Metadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import { type Detail, detail, Unknown } from "../../src/errors/detail.js";
import { GRPCError } from "../../src/errors/error.js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../src/gen/google/rpc/error_details_pb.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";

const violation = { field: "name", description: "is empty" };
const full = new GRPCError(
  Status.INVALID_ARGUMENT,
  "no name",
  [detail(BadRequestSchema, { fieldViolations: [violation] }), new Unknown("example.com/a.B", Uint8Array.of(1, 2))],
  {
    cause: new Error("why"),
    metadata: new Metadata({ key: "value" }),
    origin: "peer",
    method: "/test.v1.TestService/Unary",
    peer: "127.0.0.1:50051",
  },
);

describe("util.inspect of a GRPCError", () => {
  const text = inspect(full);

  test("starts with name, status and message, followed by the stack", () => {
    const [title, top] = text.split("\n");
    expect(title).toBe("GRPCError [INVALID_ARGUMENT]: no name");
    expect(top).toContain("error-view.test.ts");
  });

  test.for([
    "google.rpc.BadRequest",
    "field: 'name'",
    "description: 'is empty'",
    "Unknown('a.B')",
    "Metadata { key: [ 'value' ] }",
    "origin: 'peer'",
    "method: '/test.v1.TestService/Unary'",
    "peer: '127.0.0.1:50051'",
    "Error: why",
  ])("shows %s", (part) => {
    expect(text).toContain(part);
  });

  test("shows the errors of earlier attempts, with their statuses", () => {
    const attempts = [new GRPCError(Status.UNAVAILABLE, "gone"), new GRPCError(Status.ABORTED, "again")];
    const error = new GRPCError(Status.UNAVAILABLE, "still gone", undefined, { attempts });
    expect(inspect(error)).toMatch(/attempts: \[\s+GRPCError \[UNAVAILABLE\]: gone[\s\S]*GRPCError \[ABORTED\]: again/);
  });

  test("truncates nothing, and omits what is not known", () => {
    expect(text).not.toMatch(/undefined|\[(Object|Array)\]/);
  });

  test("truncates nothing at any depth, if there is no limit", () => {
    const cause = { a: { b: { c: { d: { e: { f: "deep" } } } } } };
    const error = new GRPCError(Status.NOT_FOUND, "no such book", undefined, { cause });
    expect(inspect(error, { depth: null })).toContain("deep");
    expect(inspect(error, { depth: 0 })).not.toContain("deep");
  });

  test.for([undefined, "", "two\nlines"])("shows status and stack once if the message is %j", (message) => {
    const shown = inspect(new GRPCError(Status.NOT_FOUND, message));
    const [title] = shown.split("\n    at ");
    expect(title).toBe(`GRPCError [NOT_FOUND]: ${message ?? "NOT_FOUND"}`);
    expect(shown.split("GRPCError")).toHaveLength(2);
  });

  test("shows a single known property after the stack", () => {
    const stack = "GRPCError: text\n    at somewhere";
    const error = Object.assign(new GRPCError(Status.NOT_FOUND, "text", undefined, { origin: "client" }), { stack });
    expect(inspect(error)).toBe("GRPCError [NOT_FOUND]: text\n    at somewhere {\n  origin: 'client'\n}");
  });

  test("omits empty metadata", () => {
    const shown = inspect(new GRPCError(Status.NOT_FOUND, "text", undefined, { metadata: new Metadata() }));
    expect(shown).not.toContain("{");
  });

  test("shows the stack unchanged if it does not start with name and message", () => {
    const stack = "GRPCError: text\n    at somewhere";
    const renamed = Object.assign(new GRPCError(Status.NOT_FOUND, "text"), { name: "NoSuchBook", stack });
    expect(inspect(renamed)).toBe(`NoSuchBook [NOT_FOUND]: text\n${stack}`);
  });

  test("shows details in full however deeply the error is nested", () => {
    expect(inspect({ error: full }, { depth: null })).toContain("field: 'name'");
  });
});

/** An error with a chain of `length` causes, made by the given function. */
function chain(length: number, make: (message: string, cause: unknown) => Error): Error {
  let error = make("innermost", undefined);
  for (let i = 1; i < length; i++) error = make(`cause ${i}`, error);
  return error;
}

const grpcError = (message: string, cause: unknown): Error => {
  return new GRPCError(Status.UNAVAILABLE, message, undefined, cause === undefined ? {} : { cause });
};
const plainError = (message: string, cause: unknown): Error => {
  return new Error(message, cause === undefined ? {} : { cause });
};

function itsOwnCause(make: typeof grpcError): Error {
  const error = make("a", undefined);
  return Object.assign(error, { cause: error });
}

function eachOthersCause(make: typeof grpcError): Error {
  const error = make("a", undefined);
  return Object.assign(error, { cause: make("b", error) });
}

/** Whatever Node prints of its own errors, stacks left out. */
function shapeOf(error: Error, options?: InspectOptions): string {
  // The brace follows the last line of the stack.
  return inspect(error, options)
    .replaceAll(/\n +(at|\.\.\. \d+ lines) .*/g, "")
    .replaceAll(/GRPCError( \[UNAVAILABLE\])?/g, "Error");
}

/*
 * Characters that `inspect()` prints for an error that is its own cause, and for a chain of 400 causes: a plain Error 132
 * and 361, connect-es 2.1 217 and 647, nice-grpc 2.1 173 and 502, an error of grpc-js 1.14 231 and 637. All mark the
 * cycle. `JSON.stringify()` throws for the errors of the three libraries, because of the cycle.
 */
const causes: [title: string, make: (make: typeof grpcError) => Error][] = [
  ["an error that is its own cause", itsOwnCause],
  ["two errors that cause each other", eachOthersCause],
  ["a chain of 50 causes", (make) => chain(50, make)],
  ["a chain of 400 causes", (make) => chain(400, make)],
  ["an AggregateError of chains", (make) => make("a", new AggregateError([chain(9, make), chain(9, make)], "b"))],
  [
    "an AggregateError of itself",
    (make) => {
      const error = make("a", undefined);
      return Object.assign(error, { cause: new AggregateError([error, error], "b") });
    },
  ],
  ["a cause inside an object", (make) => make("a", { error: make("b", chain(9, make)) })],
];

describe("util.inspect of causes", () => {
  test.for(causes)("shows %s as it shows that of a plain error", ([, make]) => {
    expect(shapeOf(make(grpcError))).toBe(shapeOf(make(plainError)));
  });

  test.for(causes)("shows %s as it shows that of a plain error, at any depth", ([, make]) => {
    expect(shapeOf(make(grpcError), { depth: null })).toBe(shapeOf(make(plainError), { depth: null }));
  });

  test.for(causes)("is not longer than 4 KB for %s", ([, make]) => {
    expect(inspect(make(grpcError)).length).toBeLessThan(4_000);
  });

  test("marks the cycle", () => {
    expect(shapeOf(itsOwnCause(grpcError))).toBe("<ref *1> Error: a\n  cause: [Circular *1]\n}");
  });

  test("shows the present state each time", () => {
    const error = Object.assign(new GRPCError(Status.ABORTED, "a"), { stack: "GRPCError: a", cause: "first" });
    expect(inspect(error)).toBe("[GRPCError [ABORTED]: a] { cause: 'first' }");
    Object.assign(error, { cause: undefined, requestId: "7" });
    expect(inspect(error)).toBe("[GRPCError [ABORTED]: a] { requestId: '7' }");
  });

  test("ends if an untyped program has made an error its own detail", () => {
    const details: unknown[] = [];
    const error = new GRPCError(Status.ABORTED, "a", details as Detail[]);
    details.push(error);
    expect(inspect(error)).toContain("details: [ [Circular *1] ]");
  });

  test("ends if an untyped program has made the details something else", () => {
    expect(inspect(new GRPCError(Status.ABORTED, "a", { length: 1 } as never))).toContain("details: { length: 1 }");
  });
});

describe("a declared error", () => {
  const declared = new GRPCError(Status.NOT_FOUND, "no such book", undefined, {
    declared: { kind: "BOOK_NOT_FOUND", data: {}, declaredBy: "/test.v1.TestService/Unary" },
  });

  test("shows its kind", () => {
    expect(inspect(declared)).toContain("kind: 'BOOK_NOT_FOUND'");
  });

  test("has its kind and its contract in JSON", () => {
    expect(declared.toJSON()).toMatchObject({ kind: "BOOK_NOT_FOUND", declaredBy: "/test.v1.TestService/Unary" });
  });
});

test("Node prints only the properties of an uncaught error that are set", () => {
  const uncaught = (error: Error) => inspect(Object.assign(error, { stack: "stack" }), { customInspect: false });
  expect(uncaught(new GRPCError(Status.NOT_FOUND, "text"))).toBe("[stack] { status: 5 }");
});

describe("JSON of a GRPCError", () => {
  test("has everything but the stack", () => {
    expect(JSON.parse(JSON.stringify(full))).toEqual({
      name: "GRPCError",
      status: "INVALID_ARGUMENT",
      message: "no name",
      details: [
        { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [violation] },
        { "@type": "example.com/a.B", "@bytes": "AQI=" },
      ],
      metadata: { key: ["value"] },
      origin: "peer",
      method: "/test.v1.TestService/Unary",
      peer: "127.0.0.1:50051",
      cause: "Error: why",
    });
  });

  test.for(causes)("has only the text of %s", ([, make]) => {
    expect(JSON.stringify(make(grpcError)).length).toBeLessThan(200);
  });

  test("omits what is undefined", () => {
    expect(JSON.parse(JSON.stringify(new GRPCError(Status.ABORTED)))).toEqual({ name: "GRPCError", status: "ABORTED" });
  });

  const info = { reason: "GONE", domain: "", metadata: {} };
  test.for<[title: string, detail: Detail, json: object]>([
    [
      "with 64-bit numbers",
      detail(RetryInfoSchema, { retryDelay: { seconds: 3n } }),
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3s" },
    ],
    [
      "of a registered type, made with create()",
      create(ErrorInfoSchema, info),
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "GONE" },
    ],
    [
      "of an unknown type as its type only",
      create(OwnDetailSchema, { text: "text" }),
      { "@type": "type.googleapis.com/test.v1.OwnDetail" },
    ],
    [
      "whose JSON is not an object under value",
      detail(DurationSchema, { seconds: 3n }),
      { "@type": "type.googleapis.com/google.protobuf.Duration", value: "3s" },
    ],
  ])("shows a detail %s", ([, shown, json]) => {
    const error = new GRPCError(Status.ABORTED, "text", [shown]);
    expect(JSON.parse(JSON.stringify(error)).details).toEqual([json]);
  });
});
