import fc from "fast-check";
import { expect, test } from "vitest";
import { Status } from "../../src/core/status.js";
import { detail } from "../../src/errors/detail.js";
import { GRPCError } from "../../src/errors/error.js";
import { fromHttpJson, toHttpJson } from "../../src/errors/http-json.js";
import { DebugInfoSchema, ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.js";

const info = detail(ErrorInfoSchema, { reason: "FULL", domain: "a.example", metadata: { shelf: "7" } });

test("toHttpJson() returns the JSON form of AIP-193", () => {
  const details = [detail(DebugInfoSchema, { detail: "secret" }), info];
  expect(toHttpJson(new GRPCError(Status.RESOURCE_EXHAUSTED, "no space", details))).toEqual({
    error: {
      code: 429,
      message: "no space",
      status: "RESOURCE_EXHAUSTED",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "FULL",
          domain: "a.example",
          metadata: { shelf: "7" },
        },
      ],
    },
  });
});

test("toHttpJson() withholds what toProblem() withholds", () => {
  const withheld = { message: "Internal Server Error", status: "UNKNOWN", details: [] };
  expect(toHttpJson(new Error("secret"))).toEqual({ error: { code: 500, ...withheld } });
  const outgoing = new GRPCError(Status.NOT_FOUND, "secret", [info], { origin: "peer" });
  expect(toHttpJson(outgoing).error).toEqual({ code: 404, message: "Not Found", status: "NOT_FOUND", details: [] });
  expect(toHttpJson(outgoing, { relayErrors: true }).error).toMatchObject({ message: "secret", details: [{}] });
});

test("fromHttpJson() restores the error", () => {
  const error = fromHttpJson(toHttpJson(new GRPCError(Status.ABORTED, "try again", [info])));
  expect(error).toMatchObject({ status: Status.ABORTED, message: "try again", origin: "peer" });
  expect(error.details).toEqual([info]);
});

test("fromHttpJson() reads incomplete answers", () => {
  expect(fromHttpJson({ error: { code: 404 } })).toMatchObject({
    status: Status.NOT_FOUND,
    message: "HTTP status 404",
    details: undefined,
  });
  expect(fromHttpJson({ error: "invalid_grant" }, { httpStatus: 401 })).toMatchObject({
    status: Status.UNAUTHENTICATED,
    message: "HTTP status 401",
  });
  expect(fromHttpJson({})).toMatchObject({ status: Status.UNKNOWN, message: "UNKNOWN" });
});

test("fromHttpJson() never throws", () => {
  const member = fc.oneof(fc.jsonValue(), fc.constantFrom("NOT_FOUND", 404, [{ "@type": "a/google.rpc.ErrorInfo" }]));
  const error = fc.dictionary(fc.constantFrom("code", "message", "status", "details"), member);
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ error })), (json) => {
      expect(fromHttpJson(json)).toBeInstanceOf(GRPCError);
    }),
  );
});
