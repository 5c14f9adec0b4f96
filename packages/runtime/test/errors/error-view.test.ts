import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { anyPack, DurationSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { Metadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import { type Detail, detail, Unknown } from "../../src/errors/detail.js";
import { GRPCError } from "../../src/errors/error.js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
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

  test("truncates nothing, and omits what is not known", () => {
    expect(text).not.toMatch(/undefined|\[(Object|Array)\]/);
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
    expect(inspect(error)).toBe("GRPCError [NOT_FOUND]: text\n    at somewhere { origin: 'client' }");
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

describe("JSON of a GRPCError", () => {
  test("has everything but the stack", () => {
    expect(JSON.parse(JSON.stringify(full))).toEqual({
      name: "GRPCError",
      status: "INVALID_ARGUMENT",
      message: "no name",
      details: [
        { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [violation] },
        { "@type": "example.com/a.B", value: "AQI=" },
      ],
      metadata: { key: ["value"] },
      origin: "peer",
      method: "/test.v1.TestService/Unary",
      peer: "127.0.0.1:50051",
      cause: "Error: why",
    });
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
      "with an Any that cannot be converted as its type only",
      detail(StatusSchema, { details: [anyPack(OwnDetailSchema, create(OwnDetailSchema))] }),
      { "@type": "type.googleapis.com/google.rpc.Status" },
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
