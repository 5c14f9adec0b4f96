import type { OutgoingHttpHeaders } from "node:http2";
import { describe, expect, test, vi } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { call, type Kind, kinds } from "../calls/kinds.js";
import { collect, rejection } from "../harness.js";
import { frame } from "./raw-client.js";
import { grpc, respond, respondHeadersOnly, responseFrame, type Script, startPeer } from "./raw-server.js";

const single: readonly Kind[] = ["unary", "clientStream"];

interface Row {
  readonly script: Script;
  readonly status: Status;
  readonly message: RegExp;
  /** Default: the client. */
  readonly origin?: "peer";
  /** Default: all. */
  readonly kinds?: readonly Kind[];
}

/** Tests a row for each kind: the call fails with this error, and the next call on the connection is unaffected. */
function testRows(rows: Record<string, Row>): void {
  for (const [name, { script, status, message, origin = "client", kinds: only = kinds }] of Object.entries(rows)) {
    test.for(only)(`${name} (%s)`, async (kind) => {
      const { stub, sessions, address } = await startPeer(script);
      const errors = [await rejection(call(stub, kind)), await rejection(call(stub, kind))] as GRPCError[];
      for (const error of errors) {
        expect(error).toMatchObject({ name: "GRPCError", status, origin, peer: address.replace("http://", "") });
        expect(error.message).toMatch(message);
      }
      expect(sessions).toHaveLength(1);
    });
  }
}

const trailersOnly =
  (headers: OutgoingHttpHeaders): Script =>
  (stream) =>
    respondHeadersOnly(stream, { ...grpc, ...headers });
const withTrailers =
  (trailers: OutgoingHttpHeaders | undefined, body?: Uint8Array, headers: OutgoingHttpHeaders = {}): Script =>
  (stream) =>
    respond(stream, { headers: { ...grpc, ...headers }, trailers, ...(body && { body }) });

describe("valid non-OK grpc-status", () => {
  const notFound = { "grpc-status": "5", "grpc-message": "not here" };
  const expected = { status: Status.NOT_FOUND, message: /^not here$/, origin: "peer" } as const;
  testRows({
    "in trailers": { script: withTrailers(notFound), ...expected },
    "in trailers, after a message": { script: withTrailers(notFound, responseFrame()), ...expected },
    "in a Trailers-Only response": { script: trailersOnly(notFound), ...expected },
    "takes precedence over the HTTP status, in headers": {
      script: trailersOnly({ ...notFound, ":status": 503 }),
      ...expected,
    },
    "takes precedence over the HTTP status, in trailers": {
      script: withTrailers(notFound, undefined, { ":status": 500 }),
      ...expected,
    },
    "takes precedence over the content-type": {
      script: trailersOnly({ ...notFound, "content-type": "text/html" }),
      ...expected,
    },
    "takes precedence over an unknown grpc-encoding": {
      script: withTrailers(notFound, undefined, { "grpc-encoding": "brotli" }),
      ...expected,
    },
    "with stray percent signs in its message": {
      script: trailersOnly({ "grpc-status": "13", "grpc-message": "100% %zz %41 %E2%98%83 %FF" }),
      status: Status.INTERNAL,
      message: /^100% %zz A ☃ \uFFFD$/,
      origin: "peer",
    },
    "grpc-status in headers is ignored if a body follows": {
      script: withTrailers(notFound, responseFrame(), { "grpc-status": "7" }),
      ...expected,
    },
  });
});

describe("HTTP status ≠ 200, no grpc-status", () => {
  const statuses: readonly (readonly [http: number, status: Status])[] = [
    [400, Status.INTERNAL],
    [401, Status.UNAUTHENTICATED],
    [403, Status.PERMISSION_DENIED],
    [404, Status.UNIMPLEMENTED],
    [429, Status.UNAVAILABLE],
    [502, Status.UNAVAILABLE],
    [503, Status.UNAVAILABLE],
    [504, Status.UNAVAILABLE],
    [201, Status.UNKNOWN],
    [302, Status.UNKNOWN],
    [418, Status.UNKNOWN],
    [500, Status.UNKNOWN],
  ];
  test.for(statuses)("%d, in all forms", async ([http, status]) => {
    const html = { ":status": http, "content-type": "text/html" };
    const { stub } = await startPeer((stream, headers) => {
      if (headers["form"] === "headers") respondHeadersOnly(stream, html);
      else if (headers["form"] === "grpc") respondHeadersOnly(stream, { ...grpc, ":status": http });
      else respond(stream, { headers: html, body: Buffer.from("<html>".repeat(10_000)) });
    });
    for (const form of ["headers", "grpc", "body"]) {
      const errors = (await Promise.all(
        kinds.map((kind) => rejection(call(stub, kind, { metadata: { form } }))),
      )) as GRPCError[];
      expect(errors).toMatchObject(Array(4).fill({ status, origin: "client" }));
      expect(errors.map(({ message }) => message)).toEqual(Array(4).fill(expect.stringContaining(`${http}`)));
    }
  });
});

describe("a response that is not gRPC", () => {
  test.for(kinds)("is read only up to a limit of bytes (%s)", async (kind) => {
    const { stub } = await startPeer((stream) => {
      stream.respond({ ":status": 502, "content-type": "text/html" });
      stream.write(Buffer.alloc(64 * 1024));
    });
    // Disable the time limit, which would end the call as well.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNAVAILABLE, origin: "client" });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("content-type", () => {
  const ok = { "grpc-status": "0" };
  const types = ["text/html", "application/json", "application/grpc+json", "application/grpc-web", "application/grpcx"];
  testRows({
    missing: {
      script: (stream) => respond(stream, { headers: { ":status": 200 }, body: responseFrame(), trailers: ok }),
      status: Status.UNKNOWN,
      message: /content-type/,
    },
    ...Object.fromEntries(
      types.map((type) => [
        `not gRPC: ${type}`,
        {
          script: withTrailers(ok, responseFrame(), { "content-type": type }),
          status: Status.UNKNOWN,
          message: new RegExp(`content-type.*${type.replace("+", "\\+")}`),
        },
      ]),
    ),
  });

  const accepted = ["application/grpc+proto", "application/grpc;x=y", "application/grpc+proto; charset=utf-8"];
  test.for(accepted)("gRPC: %s", async (type) => {
    const { stub } = await startPeer(withTrailers(ok, responseFrame({ text: "fine" }), { "content-type": type }));
    for (const kind of kinds) expect(await call(stub, kind)).toMatchObject([{ text: "fine" }]);
  });
});

describe("grpc-status", () => {
  const missing = { status: Status.UNKNOWN, message: /^Missing grpc-status$/ };
  testRows({
    "missing: the stream ended after a message": { script: withTrailers(undefined, responseFrame()), ...missing },
    "missing: the stream ended after the headers": { script: trailersOnly({}), ...missing },
    "missing in trailers": { script: withTrailers({ other: "1" }, responseFrame()), ...missing },
    ...Object.fromEntries(
      ["17", "-1", "99", "abc", "1.5", "0x1", "16384"].map((value) => [
        `not 0–16: ${value}`,
        {
          script: withTrailers({ "grpc-status": value, "grpc-message": "not to be trusted" }, responseFrame()),
          status: Status.UNKNOWN,
          message: new RegExp(`grpc-status.*${value}`),
        },
      ]),
    ),
  });

  test.for(["clientStream", "bidi"] as const)(
    "missing while the client is still sending: no hang (%s)",
    async (kind) => {
      const { stub } = await startPeer(withTrailers(undefined, responseFrame()));
      const requests = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
      const result = kind === "bidi" ? collect(stub.bidi(requests)) : stub.clientStream(requests);
      expect(await rejection(result)).toMatchObject({ status: Status.UNKNOWN, message: "Missing grpc-status" });
    },
  );
});

describe("OK, but", () => {
  const ok = { "grpc-status": "0" };
  const corrupt = frame(Uint8Array.of(0x0a, 0xff));
  testRows({
    "zero messages on a single-response call → UNIMPLEMENTED": {
      script: withTrailers(ok),
      status: Status.UNIMPLEMENTED,
      message: /\b0\b/,
      kinds: single,
    },
    "zero messages, Trailers-Only → UNIMPLEMENTED": {
      script: trailersOnly(ok),
      status: Status.UNIMPLEMENTED,
      message: /\b0\b/,
      kinds: single,
    },
    "several messages on a single-response call → UNIMPLEMENTED": {
      script: withTrailers(ok, Buffer.concat([responseFrame(), responseFrame()])),
      status: Status.UNIMPLEMENTED,
      message: /\b2\b/,
      kinds: single,
    },
    "undecodable message → INTERNAL": {
      script: withTrailers(ok, corrupt),
      status: Status.INTERNAL,
      message: /test\.v1\.TestResponse/,
    },
    "truncated frame → INTERNAL": {
      script: withTrailers(ok, responseFrame({ text: "cut" }).subarray(0, -1)),
      status: Status.INTERNAL,
      message: /ended within a message/,
    },
    "truncated prefix → INTERNAL": {
      script: withTrailers(ok, Buffer.concat([responseFrame(), Uint8Array.of(0, 0)])),
      status: Status.INTERNAL,
      message: /ended within a message/,
    },
    "reserved frame flag → INTERNAL": {
      script: withTrailers(ok, frame(new Uint8Array(0), 2)),
      status: Status.INTERNAL,
      message: /flags/,
    },
    "compressed flag without grpc-encoding → INTERNAL": {
      script: withTrailers(ok, frame(new Uint8Array(1), 1)),
      status: Status.INTERNAL,
      message: /compressed/,
    },
    "unknown grpc-encoding → INTERNAL": {
      script: withTrailers(ok, responseFrame(), { "grpc-encoding": "brotli" }),
      status: Status.INTERNAL,
      message: /brotli/,
    },
    "message over the receive limit → RESOURCE_EXHAUSTED, before it is buffered": {
      script(stream) {
        stream.respond(grpc);
        stream.write(Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff));
      },
      status: Status.RESOURCE_EXHAUSTED,
      message: /4294967295/,
    },
  });
});
