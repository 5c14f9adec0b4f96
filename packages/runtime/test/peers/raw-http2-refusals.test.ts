import { constants } from "node:http2";
import { describe, expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { frame, paths, type RawRequest, requestFrame, startForRaw } from "./raw-client.js";

const singleRequest = [paths.unary, paths.serverStream] as const;

describe("a request that is not gRPC", () => {
  test.for(["GET", "PUT", "DELETE", "OPTIONS"])("not POST → 405 (%s)", async (method) => {
    const { client, calls } = await startForRaw();
    const { headers, code } = await client.request({ headers: { ":method": method } });
    expect(headers[":status"]).toBe(405);
    expect(code).toBe(constants.NGHTTP2_NO_ERROR);
    expect(calls).toEqual([]);
  });

  const types = [
    undefined,
    "application/json",
    "text/plain",
    "application/grpc+json",
    "application/grpc-web",
    "application/grpcx",
  ];
  test.for(types)("content-type not gRPC → 415 (%s)", async (type) => {
    const { client, calls } = await startForRaw();
    const { headers } = await client.request({ headers: { "content-type": type } });
    expect(headers[":status"]).toBe(415);
    expect(calls).toEqual([]);
  });
});

describe("a request that is refused before a handler runs", () => {
  interface Row {
    readonly request: RawRequest;
    readonly status: Status;
    readonly message: RegExp;
    readonly reports?: readonly unknown[];
  }
  const rows: Record<string, Row> = {
    "unknown service → UNIMPLEMENTED (names the path)": {
      request: { headers: { ":path": "/test.v1.OtherService/Unary" } },
      status: Status.UNIMPLEMENTED,
      message: /\/test\.v1\.OtherService\/Unary/,
    },
    "unknown method → UNIMPLEMENTED (names the path)": {
      request: { headers: { ":path": "/test.v1.TestService/unary" } },
      status: Status.UNIMPLEMENTED,
      message: /\/test\.v1\.TestService\/unary/,
    },
    "malformed path → UNIMPLEMENTED (names the path)": {
      request: { headers: { ":path": "/100%" } },
      status: Status.UNIMPLEMENTED,
      message: /\/100%25/,
    },
    "a path named like a property of Object.prototype → UNIMPLEMENTED": {
      request: { headers: { ":path": "/constructor" } },
      status: Status.UNIMPLEMENTED,
      message: /constructor/,
    },
    ...Object.fromEntries(
      ["", "1", "S", "-1S", "1s", "1.5S", "123456789S", "1 S", "0x1S", "1Sx"].map((timeout) => [
        `malformed grpc-timeout → INTERNAL (${JSON.stringify(timeout)})`,
        { request: { headers: { "grpc-timeout": timeout } }, status: Status.INTERNAL, message: /grpc-timeout/ },
      ]),
    ),
    "malformed -bin metadata → INTERNAL": {
      request: { headers: { "a-bin": "no base64!" } },
      status: Status.INTERNAL,
      message: /a-bin/,
    },
    "malformed -bin metadata among others → INTERNAL": {
      request: { headers: { "a-bin": ["AQ", "*"] } },
      status: Status.INTERNAL,
      message: /a-bin/,
    },
    "unknown grpc-encoding → UNIMPLEMENTED": {
      request: { headers: { "grpc-encoding": "brotli" } },
      status: Status.UNIMPLEMENTED,
      message: /brotli/,
    },
    "compressed flag under identity → INTERNAL": {
      request: { body: [frame(new Uint8Array(3), 1)] },
      status: Status.INTERNAL,
      message: /compressed/,
    },
    "reserved frame flag → INTERNAL": {
      request: { body: [frame(new Uint8Array(3), 2)] },
      status: Status.INTERNAL,
      message: /flags/,
    },
    "undecodable message → INTERNAL": {
      request: { body: [frame(Uint8Array.of(0x0a, 0xff))] },
      status: Status.INTERNAL,
      message: /^Cannot decode test\.v1\.TestRequest$/,
      // The error of the decoder is reported to the operator.
      reports: [{ error: { message: "Cannot decode test.v1.TestRequest", cause: expect.any(Error) } }],
    },
    "truncated message → INTERNAL": {
      request: { body: [requestFrame({ text: "cut" }).subarray(0, -1)] },
      status: Status.INTERNAL,
      message: /ended within a message/,
    },
    "truncated prefix → INTERNAL": {
      request: { body: [frame().subarray(0, 4)] },
      status: Status.INTERNAL,
      message: /ended within a message/,
    },
    "request over the limit → RESOURCE_EXHAUSTED": {
      request: { body: [frame(new Uint8Array(1001))] },
      status: Status.RESOURCE_EXHAUSTED,
      message: /1001.*1000/,
    },
    "request over the limit by its prefix → RESOURCE_EXHAUSTED, before it has arrived": {
      request: { body: [Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff)], end: false },
      status: Status.RESOURCE_EXHAUSTED,
      message: /4294967295.*1000/,
    },
    "a deadline that has expired on arrival → DEADLINE_EXCEEDED": {
      request: { headers: { "grpc-timeout": "0n" } },
      status: Status.DEADLINE_EXCEEDED,
      message: /Deadline/,
    },
  };
  for (const [name, { request, status, message, reports: expectedReports = [] }] of Object.entries(rows)) {
    test(name, async () => {
      const { client, calls, reports } = await startForRaw();
      const { headers, trailers, body, code } = await client.request(request);
      expect(headers).toMatchObject({ ":status": 200, "content-type": "application/grpc" });
      expect(trailers["grpc-status"]).toBe(String(status));
      expect(trailers["grpc-message"]).toMatch(message);
      expect(body).toHaveLength(0);
      expect(code).toBe(constants.NGHTTP2_NO_ERROR);
      expect(calls).toEqual([]);
      expect(reports.take()).toMatchObject(expectedReports);
      // The connection is still usable.
      expect((await client.request()).trailers["grpc-status"]).toBe("0");
    });
  }

  test("unknown grpc-encoding: the response lists the accepted encodings", async () => {
    const { client } = await startForRaw();
    const { headers } = await client.request({ headers: { "grpc-encoding": "brotli" } });
    expect(headers["grpc-accept-encoding"]).toBe("identity,gzip,deflate");
  });

  test.for(singleRequest)("zero messages on a single-request call → UNIMPLEMENTED (%s)", async (path) => {
    const { client, calls } = await startForRaw();
    const { trailers } = await client.request({ headers: { ":path": path }, body: [] });
    expect(trailers).toMatchObject({ "grpc-status": String(Status.UNIMPLEMENTED) });
    expect(trailers["grpc-message"]).toMatch(/\b0\b/);
    expect(calls).toEqual([]);
  });

  test.for(singleRequest)("two messages on a single-request call → UNIMPLEMENTED (%s)", async (path) => {
    const { client, calls } = await startForRaw();
    const { trailers } = await client.request({ headers: { ":path": path }, body: [frame(), frame()] });
    expect(trailers).toMatchObject({ "grpc-status": String(Status.UNIMPLEMENTED) });
    expect(trailers["grpc-message"]).toMatch(/\b2\b/);
    expect(calls).toEqual([]);
  });
});
