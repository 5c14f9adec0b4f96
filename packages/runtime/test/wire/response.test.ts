import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Metadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import type { CallStatus } from "../../src/errors/call-end.js";
import { encodeStatusDetails, type PackedDetail } from "../../src/errors/status-details.js";
import { StreamTerminatedError } from "../../src/errors/stream-terminated-error.js";
import { formatBinary } from "../../src/wire/headers.js";
import {
  endOfReset,
  formatResponseHeaders,
  formatStatus,
  formatTrailersOnly,
  parseResponse,
  parseTrailers,
} from "../../src/wire/response.js";
import { rawHeadersOf } from "./raw-headers.js";

const metadata = new Metadata({ key: ["a", "b"], "key-bin": Uint8Array.of(1) });
const details: readonly PackedDetail[] = [{ typeUrl: "/a.Detail", value: Uint8Array.of(1, 2, 3, 4) }];
/** A hand-written google.rpc.Status with the code NOT_FOUND and these details. */
const encoded = formatBinary(
  Uint8Array.of(0x08, 5, 0x1a, 17, 0x0a, 9, ...Buffer.from("/a.Detail"), 0x12, 4, 1, 2, 3, 4),
);
const grpc = ["content-type", "application/grpc"];

describe("the headers of a response", () => {
  const plain = [
    [":status", "200"],
    ["content-type", "application/grpc"],
  ];

  test("are those of the protocol", () => {
    expect(Object.entries(formatResponseHeaders(undefined, "identity"))).toEqual(plain);
  });

  test("include the metadata, and those of other responses do not", () => {
    expect(Object.entries(formatResponseHeaders(metadata, "identity"))).toEqual([
      ...plain,
      ["key", ["a", "b"]],
      ["key-bin", "AQ"],
    ]);
    expect(Object.entries(formatResponseHeaders(undefined, "identity"))).toEqual(plain);
  });
});

describe("the headers of a compressed response", () => {
  test.for(["gzip", "deflate"] as const)("name the compression, and those of others do not: %s", (compression) => {
    const named = [":status", "200", "content-type", "application/grpc", "grpc-encoding", compression];
    expect(rawHeadersOf(formatResponseHeaders(undefined, compression))).toEqual(named);
    expect(rawHeadersOf(formatResponseHeaders(metadata, compression))).toEqual([
      ...named,
      ...["key", "a", "key", "b", "key-bin", "AQ"],
    ]);
    expect(formatResponseHeaders(undefined, "identity")).not.toHaveProperty("grpc-encoding");
    expect(formatTrailersOnly(formatStatus({ status: Status.NOT_FOUND }))).not.toHaveProperty("grpc-encoding");
  });
});

describe("the trailers", () => {
  const rows: [title: string, end: CallStatus, trailers: [string, string | string[]][]][] = [
    ["of a success", { status: Status.OK }, [["grpc-status", "0"]]],
    [
      "of a success with a message",
      { status: Status.OK, message: "fine" },
      [
        ["grpc-status", "0"],
        ["grpc-message", "fine"],
      ],
    ],
    [
      "of a success with metadata",
      { status: Status.OK, metadata },
      [
        ["grpc-status", "0"],
        ["key", ["a", "b"]],
        ["key-bin", "AQ"],
      ],
    ],
    [
      "of a status that forbids another attempt",
      { status: Status.UNAVAILABLE, retryPushback: "never" },
      [
        ["grpc-status", "14"],
        ["grpc-retry-pushback-ms", "-1"],
      ],
    ],
    [
      "of a success with a pushback",
      { status: Status.OK, retryPushback: 100 },
      [
        ["grpc-status", "0"],
        ["grpc-retry-pushback-ms", "100"],
      ],
    ],
    ["of a status without a message", { status: Status.NOT_FOUND }, [["grpc-status", "5"]]],
    [
      "of a status with an empty message",
      { status: Status.NOT_FOUND, message: "" },
      [
        ["grpc-status", "5"],
        ["grpc-message", ""],
      ],
    ],
    [
      "of a status with a message",
      { status: Status.UNAUTHENTICATED, message: "100 % ö" },
      [
        ["grpc-status", "16"],
        ["grpc-message", "100 %25 %C3%B6"],
      ],
    ],
    [
      "of a status with details",
      { status: Status.NOT_FOUND, details },
      [
        ["grpc-status", "5"],
        ["grpc-status-details-bin", encoded],
      ],
    ],
    [
      "of a status with everything",
      { status: Status.NOT_FOUND, message: "no", details, metadata, retryPushback: 100 },
      [
        ["grpc-status", "5"],
        ["grpc-message", "no"],
        ["grpc-status-details-bin", formatBinary(encodeStatusDetails(Status.NOT_FOUND, "no", details))],
        ["grpc-retry-pushback-ms", "100"],
        ["key", ["a", "b"]],
        ["key-bin", "AQ"],
      ],
    ],
  ];

  test.for(rows)("%s", ([, end, trailers]) => {
    expect(Object.entries(formatStatus(end))).toEqual(trailers);
  });

  test.for(rows)("%s in one block with the headers, if there is no message", ([, end, trailers]) => {
    expect(Object.entries(formatTrailersOnly(formatStatus(end)))).toEqual([
      [":status", "200"],
      ["content-type", "application/grpc"],
      ...trailers,
    ]);
  });

  test.for(rows)("%s arrive unchanged", ([, end]) => {
    const raw = rawHeadersOf(formatTrailersOnly(formatStatus(end)));
    expect(parseResponse(200, raw)).toEqual({ encoding: "identity" });
    const received = parseTrailers(raw);
    expect(received).toMatchObject({ origin: "peer", status: end.status });
    expect(received?.message).toBe(end.message);
    expect(received?.details?.map(({ typeUrl, value }) => ({ typeUrl, value }))).toEqual(end.details);
    expect(received?.metadata).toEqual(end.metadata ?? new Metadata());
    expect(received?.retryPushback).toBe(end.retryPushback);
    expect([...(received?.metadata ?? [])]).toEqual([...(end.metadata ?? [])]);
  });
});

describe("the headers of a response are accepted", () => {
  test.for<[title: string, raw: string[], encoding?: string]>([
    ["with the content-type of gRPC", grpc],
    ["with the content-type of gRPC and protobuf", ["content-type", "application/grpc+proto"]],
    ["with grpc-encoding identity", [...grpc, "grpc-encoding", "identity"]],
    ["with grpc-encoding gzip", [...grpc, "grpc-encoding", "gzip"], "gzip"],
    ["with grpc-encoding deflate", [...grpc, "grpc-encoding", "deflate"], "deflate"],
    ["with metadata", [...grpc, "key", "value", "key-bin", "!"]],
  ])("%s", ([, raw, encoding = "identity"]) => {
    expect(parseResponse(200, raw)).toEqual({ encoding });
  });
});

describe("the headers of a response are refused", () => {
  test.for<[title: string, httpStatus: number, raw: string[], status: Status, message: string]>([
    ["with HTTP status 400", 400, grpc, Status.INTERNAL, "HTTP status 400"],
    ["with HTTP status 401", 401, grpc, Status.UNAUTHENTICATED, "HTTP status 401"],
    ["with HTTP status 403", 403, grpc, Status.PERMISSION_DENIED, "HTTP status 403"],
    ["with HTTP status 404", 404, grpc, Status.UNIMPLEMENTED, "HTTP status 404"],
    ["with HTTP status 429", 429, grpc, Status.UNAVAILABLE, "HTTP status 429"],
    ["with HTTP status 502", 502, grpc, Status.UNAVAILABLE, "HTTP status 502"],
    ["with HTTP status 503", 503, grpc, Status.UNAVAILABLE, "HTTP status 503"],
    ["with HTTP status 504", 504, grpc, Status.UNAVAILABLE, "HTTP status 504"],
    ["with HTTP status 500", 500, grpc, Status.UNKNOWN, "HTTP status 500"],
    ["with HTTP status 204", 204, grpc, Status.UNKNOWN, "HTTP status 204"],
    [
      "with an HTTP status and another content-type",
      503,
      ["content-type", "text/html"],
      Status.UNAVAILABLE,
      "HTTP status 503",
    ],
    ["without a content-type", 200, [], Status.UNKNOWN, "Missing content-type"],
    ["with an empty content-type", 200, ["content-type", ""], Status.UNKNOWN, "Invalid content-type: "],
    [
      "with another content-type",
      200,
      ["content-type", "text/html"],
      Status.UNKNOWN,
      "Invalid content-type: text/html",
    ],
    [
      "with an unknown encoding",
      200,
      [...grpc, "grpc-encoding", "snappy"],
      Status.INTERNAL,
      "Unknown grpc-encoding: snappy",
    ],
    [
      "with another content-type and an unknown encoding",
      200,
      ["content-type", "text/html", "grpc-encoding", "snappy"],
      Status.UNKNOWN,
      "Invalid content-type: text/html",
    ],
  ])("%s", ([, httpStatus, raw, status, message]) => {
    expect(parseResponse(httpStatus, raw)).toEqual({ refusal: { status, message, origin: "client" } });
  });
});

test.for<[pushback: number, text: string]>([
  [0, "0"],
  [0.5, "1"],
  [2147483647, "2147483647"],
  [2147483648, "-1"],
  [-1, "-1"],
  [-2, "-1"],
  [Number.NaN, "-1"],
])("a pushback of %d ms is sent as %s", ([retryPushback, text]) => {
  expect(formatStatus({ status: Status.UNAVAILABLE, retryPushback })["grpc-retry-pushback-ms"]).toBe(text);
});

describe("received trailers", () => {
  test("without grpc-status have no status", () => {
    expect(parseTrailers(["grpc-message", "text", "key", "value"])).toBeUndefined();
    expect(endOfReset(0)).toEqual({ status: Status.UNKNOWN, message: "Missing grpc-status", origin: "client" });
    expect(endOfReset(7)).toEqual({
      status: Status.UNAVAILABLE,
      message: "The server reset the stream with REFUSED_STREAM (7)",
      origin: "client",
      cause: new StreamTerminatedError("The server reset the stream with REFUSED_STREAM (7)", { code: 7 }),
      unprocessed: "refused",
    });
    expect(endOfReset(8)).not.toHaveProperty("unprocessed");
  });

  test.for(Object.values(Status).filter((status) => typeof status === "number"))("can have status %d", (status) => {
    expect(parseTrailers(["grpc-status", String(status)])).toMatchObject({ status, origin: "peer" });
  });

  test("can have a status with leading zeros", () => {
    expect(parseTrailers(["grpc-status", "005"])).toMatchObject({ status: Status.NOT_FOUND, origin: "peer" });
  });

  test.for([
    "17",
    "99",
    "100",
    "99999999999999999999",
    "-1",
    "",
    " ",
    "5 ",
    " 5",
    "1.0",
    "1e1",
    "0x5",
    "NaN",
    "NOT_FOUND",
    "٥",
    "5, 5",
  ])("with grpc-status %j are UNKNOWN, and the message names it", (code) => {
    const header = Buffer.from(code).toString("latin1");
    const received = parseTrailers(["grpc-status", header, "grpc-message", "text", "key", "value"]);
    expect(received).toMatchObject({
      status: Status.UNKNOWN,
      message: `Invalid grpc-status: ${code}`,
      origin: "client",
    });
    expect(received?.details).toBeUndefined();
    expect([...(received?.metadata ?? [])]).toEqual([["key", "value"]]);
  });

  test.for<[title: string, raw: string[], message: string | undefined]>([
    ["without grpc-message", [], undefined],
    ["with an empty one", ["grpc-message", ""], ""],
    ["with a plain one", ["grpc-message", "no such book"], "no such book"],
    ["with an encoded one", ["grpc-message", "Gr%C3%B6%C3%9Fe"], "Größe"],
    ["with a stray %", ["grpc-message", "100% %C3%B6"], "100% ö"],
    ["with invalid UTF-8", ["grpc-message", "a%FFb"], "a\u{fffd}b"],
  ])("have as much of the message as can be decoded, and keep the status: %s", ([, raw, message]) => {
    const received = parseTrailers(["grpc-status", "5", ...raw]);
    expect(received).toMatchObject({ status: Status.NOT_FOUND, origin: "peer" });
    expect(received?.message).toBe(message);
  });

  test.for<[title: string, value: string, expected: readonly PackedDetail[]]>([
    ["unpadded", encoded, details],
    ["padded", `${encoded}==`, details],
    ["joined by a comma, of which only the first is used", `${encoded},AA`, details],
    ["joined by a comma, with padding and space", `${encoded}==, AA==`, details],
    ["empty", "", []],
  ])("have details in base64: %s", ([, value, expected]) => {
    const received = parseTrailers(["grpc-status", "5", "grpc-status-details-bin", value]);
    expect(received?.details).toMatchObject(expected);
    expect(received?.details).toHaveLength(expected.length);
    expect(received?.corruptDetails).toBeUndefined();
  });

  test.for<[title: string, raw: string[], message: string]>([
    ["without grpc-message", [], "inside"],
    ["with an empty grpc-message", ["grpc-message", ""], "inside"],
    ["with a grpc-message", ["grpc-message", "outside"], "outside"],
  ])("have the message of the details if there is no other: %s", ([, raw, message]) => {
    const inside = formatBinary(encodeStatusDetails(Status.NOT_FOUND, "inside", []));
    const received = parseTrailers(["grpc-status", "5", ...raw, "grpc-status-details-bin", inside]);
    expect(received?.message).toBe(message);
  });

  test("have the code that came with the details", () => {
    const received = parseTrailers(["grpc-status", "6", "grpc-status-details-bin", encoded]);
    expect(received).toMatchObject({ status: Status.ALREADY_EXISTS, detailsCode: Status.NOT_FOUND });
  });

  test("keep details that cannot be decoded as bytes, along with the cause", () => {
    const received = parseTrailers(["grpc-status", "5", "grpc-status-details-bin", "EgU"]);
    expect(received).toMatchObject({
      status: Status.NOT_FOUND,
      details: [],
      corruptDetails: Uint8Array.of(0x12, 0x05),
      cause: expect.any(Error),
    });
  });

  test.for<[text: string, pushback: number | "never"]>([
    ["0", 0],
    ["1500", 1500],
    ["-1", "never"],
    ["1.5", "never"],
    ["", "never"],
    ["2147483647", 2147483647],
    ["2147483648", "never"],
    ["99999999999", "never"],
    ["soon", "never"],
  ])("have the pushback of the server: %j", ([text, pushback]) => {
    const received = parseTrailers(["grpc-status", "14", "grpc-retry-pushback-ms", text]);
    expect(received?.retryPushback).toBe(pushback);
    expect(received?.metadata?.size).toBe(0);
  });

  test.for(["!", "AQIDB", "not base64", "ä"])("keep the text of details that are not base64: %j", (value) => {
    const raw = ["grpc-status", "5", "grpc-message", "text", "grpc-status-details-bin", value];
    const received = parseTrailers(raw);
    expect(received).toMatchObject({ status: Status.NOT_FOUND, message: "text", origin: "peer" });
    expect(received?.details).toEqual([]);
    expect(received?.corruptDetails).toEqual(new TextEncoder().encode(value));
  });

  test("have metadata, without the status, and without binary values that are not base64", () => {
    const received = parseTrailers([
      "grpc-status",
      "0",
      "key",
      "value",
      "x-bin",
      "!",
      "key-bin",
      "AQ",
      "grpc-message",
      "",
    ]);
    expect([...(received?.metadata ?? [])]).toEqual([
      ["key", "value"],
      ["key-bin", Uint8Array.of(1)],
    ]);
    expect(received?.metadata).toBe(received?.metadata);
  });

  test("are read without throwing, whatever they contain", () => {
    const header = fc.tuple(
      fc.constantFrom("grpc-status", "grpc-message", "grpc-status-details-bin", "key", "key-bin"),
      fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.integer({ min: -1, max: 18 }).map(String)),
    );
    fc.assert(
      fc.property(fc.array(header), (headers) => {
        const received = parseTrailers(["grpc-status", "5", ...headers.flat()]);
        // A second status contradicts the first one.
        const several = headers.some(([name, value]) => name === "grpc-status" && value !== "5");
        const found = several
          ? { status: Status.UNKNOWN, origin: "client" }
          : { status: Status.NOT_FOUND, origin: "peer" };
        expect(received).toMatchObject(found);
        expect([...(received?.metadata ?? [])]).toBeInstanceOf(Array);
      }),
      { numRuns: 10_000 },
    );
  });
});
