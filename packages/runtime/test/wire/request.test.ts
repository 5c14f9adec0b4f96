import { describe, expect, test } from "vitest";
import { Metadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import { metadataOf } from "../../src/wire/headers.js";
import { formatCallHeaders, formatMethodHeaders, parseRequest, refuseRequest } from "../../src/wire/request.js";
import { formatStatus } from "../../src/wire/response.js";
import { rawHeadersOf } from "./raw-headers.js";

const method = {
  scheme: "http",
  authority: "localhost:50051",
  path: "/test.v1.TestService/Unary",
  userAgent: "grpclib-ts/0.1.0",
};
const call = { timeout: undefined, compression: "identity", metadata: undefined, previousAttempts: 0 } as const;

describe("the headers of a request", () => {
  test("are those of the protocol, with pseudo-headers first", () => {
    expect(Object.entries(formatMethodHeaders(method))).toEqual([
      [":method", "POST"],
      [":scheme", "http"],
      [":authority", "localhost:50051"],
      [":path", "/test.v1.TestService/Unary"],
      ["te", "trailers"],
      ["content-type", "application/grpc"],
      ["grpc-accept-encoding", "identity,gzip,deflate"],
      ["user-agent", "grpclib-ts/0.1.0"],
    ]);
    expect(formatCallHeaders(call)).toEqual({});
  });

  test("include the timeout and the metadata", () => {
    const metadata = new Metadata({ key: ["a", "b"], "key-bin": Uint8Array.of(1) });
    expect(Object.entries(formatCallHeaders({ ...call, timeout: 1500, metadata }))).toEqual([
      ["grpc-timeout", "1500m"],
      ["key", ["a", "b"]],
      ["key-bin", "AQ"],
    ]);
  });

  test.for(["gzip", "deflate"] as const)("name the compression if there is one: %s", (compression) => {
    expect(Object.entries(formatCallHeaders({ ...call, compression }))).toEqual([["grpc-encoding", compression]]);
  });

  test("carry the number of previous attempts, which the server reads", () => {
    const headers = formatCallHeaders({ ...call, previousAttempts: 12 });
    expect(headers["grpc-previous-rpc-attempts"]).toBe("12");
    expect(parseRequest(rawHeadersOf(headers))).toMatchObject({ previousAttempts: 12 });
  });

  test.for(["", "-1", "1.5", "many", "9999999999"])(
    "with a malformed number of previous attempts count as 0: %j",
    (text) => {
      expect(parseRequest(["grpc-previous-rpc-attempts", text])).toMatchObject({ previousAttempts: 0 });
    },
  );

  test("may have a timeout of 0", () => {
    expect(formatCallHeaders({ ...call, timeout: 0 })["grpc-timeout"]).toBe("0m");
  });

  test("arrive unchanged", () => {
    const metadata = new Metadata({ key: "value" });
    const raw = rawHeadersOf({
      ...formatMethodHeaders(method),
      ...formatCallHeaders({ ...call, timeout: 1500, metadata }),
    });
    const received = parseRequest(raw);
    expect(refuseRequest("POST", raw)).toBeUndefined();
    expect(received).toMatchObject({ timeout: 1500 });
    expect([...metadataOf(raw)]).toEqual([
      ["user-agent", "grpclib-ts/0.1.0"],
      ["key", "value"],
    ]);
  });

  test.for(["identity", "gzip", "deflate"] as const)("declare the compression of messages: %s", (compression) => {
    expect(parseRequest(rawHeadersOf(formatCallHeaders({ ...call, compression })))).toMatchObject({
      encoding: compression,
    });
  });
});

describe("the HTTP status for a request", () => {
  const grpc = ["content-type", "application/grpc"];

  test.for<[title: string, method: string | undefined, raw: string[], httpStatus: number | undefined]>([
    ["by POST with a content-type of gRPC", "POST", grpc, undefined],
    ["without te: trailers", "POST", ["content-type", "application/grpc+proto"], undefined],
    ["by GET", "GET", grpc, 405],
    ["by PUT with another content-type", "PUT", ["content-type", "text/html"], 405],
    ["without a method", undefined, grpc, 405],
    ["by post in lower case", "post", grpc, 405],
    ["without a content-type", "POST", [], 415],
    ["with an empty content-type", "POST", ["content-type", ""], 415],
    ["of gRPC-Web", "POST", ["content-type", "application/grpc-web+proto"], 415],
    ["with JSON", "POST", ["content-type", "application/grpc+json"], 415],
  ])("%s", ([, method, raw, httpStatus]) => {
    expect(refuseRequest(method, raw)).toBe(httpStatus);
  });
});

describe("a request is accepted", () => {
  test.for<[title: string, raw: string[], timeout: number | undefined]>([
    ["without a timeout", [], undefined],
    ["with a timeout", ["grpc-timeout", "2S"], 2000],
    ["with a timeout that has expired", ["grpc-timeout", "0n"], 0],
    ["with grpc-encoding identity", ["grpc-encoding", "identity"], undefined],
    ["with grpc-encoding gzip", ["grpc-encoding", "gzip"], undefined],
    ["with grpc-encoding deflate", ["grpc-encoding", "deflate"], undefined],
    ["whatever encodings it accepts for responses", ["grpc-accept-encoding", "gzip, br"], undefined],
  ])("%s", ([, raw, timeout]) => {
    const received = parseRequest(raw);
    expect(received).toMatchObject({ timeout });
    expect(received.refusal).toBeUndefined();
  });
});

describe("a request is refused", () => {
  test.for<[title: string, raw: string[], status: Status, message: string]>([
    ["with a malformed timeout", ["grpc-timeout", "1.5S"], Status.INTERNAL, "Malformed grpc-timeout: 1.5S"],
    ["with an empty timeout", ["grpc-timeout", ""], Status.INTERNAL, "Malformed grpc-timeout: "],
    [
      "with a timeout of nine digits",
      ["grpc-timeout", "123456789n"],
      Status.INTERNAL,
      "Malformed grpc-timeout: 123456789n",
    ],
    [
      "with a binary value that is not base64",
      ["key-bin", "!"],
      Status.INTERNAL,
      "Malformed metadata: key-bin is not base64",
    ],
    ["with an unknown encoding", ["grpc-encoding", "snappy"], Status.UNIMPLEMENTED, "Unknown grpc-encoding: snappy"],
    ["with an empty encoding", ["grpc-encoding", ""], Status.UNIMPLEMENTED, "Unknown grpc-encoding: "],
  ])("%s", ([, raw, status, message]) => {
    expect(parseRequest(raw).refusal).toMatchObject({ status, message });
  });

  test("with an unknown encoding, and the response lists the supported ones", () => {
    const refusal = parseRequest(["grpc-encoding", "snappy"]).refusal ?? { status: Status.OK };
    expect(formatStatus(refusal)).toMatchObject({
      "grpc-status": "12",
      "grpc-accept-encoding": "identity,gzip,deflate",
    });
  });
});

test("a request with two content-types is not gRPC, but one with the same content-type twice is", () => {
  const grpc = ["content-type", "application/grpc"];
  expect(refuseRequest("POST", [...grpc, "content-type", "text/html"])).toBe(415);
  expect(refuseRequest("POST", ["content-type", "text/html", ...grpc])).toBe(415);
  expect(refuseRequest("POST", [...grpc, ...grpc])).toBeUndefined();
});
