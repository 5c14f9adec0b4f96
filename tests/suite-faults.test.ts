import { expect, test } from "vitest";
import { casesToRepeat } from "../scripts/lib/suite-faults.mjs";

const http1 = "HTTPVersion:1/Protocol:PROTOCOL_GRPC_WEB/Codec:CODEC_PROTO/TLS:false/(grpc server impl)";
const closed = '\tactual error {code: 14 (unavailable), message: "http: invalid Read on closed Body"} does not match\n';
const unexpected =
  '\treceived an unexpected error:\n\tcode:CODE_UNAVAILABLE  message:"http: invalid Read on closed Body"\n';

const http2 = "HTTPVersion:2/Protocol:PROTOCOL_GRPC/Compression:COMPRESSION_IDENTITY/TLS:false";
const reset =
  '\tactual error {code: 13 (internal), message: "stream error: stream ID 249; PROTOCOL_ERROR; received from peer"} does not match expected code 8 (resource_exhausted)\n';

/** What connectrpc/conformance prints for failed cases. */
const printed = (...failures: [name: string, reason: string][]) =>
  [
    "Running 152 tests\n",
    ...failures.map(([name, reason]) => `FAILED: ${name}:\n${reason}`),
    "\nTotal cases: 152",
  ].join("");

const [client, server] = ["client over Connect", "server behind Connect"];

test("cases in which the suite's own programs may have lost a race run again", () => {
  const half = `Timeouts/${http1}/bidi-stream/half-duplex`;
  const success = `Basic/${http1}/bidi-stream/half-duplex/success`;
  expect(casesToRepeat(client, printed([half, closed], [success, unexpected]))).toEqual([half, success]);
  const unary = `Server Message Size/${http2}/unary/request-exceeds-server-limit`;
  const serverStream = `Server Message Size/${http2}/server-stream/request-exceeds-server-limit`;
  expect(casesToRepeat(server, printed([unary, reset], [serverStream, reset]))).toEqual([unary, serverStream]);
});

const exceeds = `Server Message Size/${http2}/unary/request-exceeds-server-limit`;

test.each([
  ["another error", client, `Timeouts/${http1}/bidi-stream/half-duplex`, "\texpecting 1 response but got 0\n"],
  ["another kind of method", client, `Basic/${http1}/client-stream/success`, closed],
  ["another server", client, `Basic/${http1.replace(" server impl", "")}/bidi-stream/half-duplex/success`, closed],
  [
    "HTTP/2",
    client,
    `Basic/${http1.replace("HTTPVersion:1", "HTTPVersion:2")}/bidi-stream/half-duplex/success`,
    closed,
  ],
  ["a reset of a stream of requests", server, exceeds.replace("/unary/", "/bidi-stream/"), reset],
  ["a reset of a request within the limit", server, exceeds.replace("exceeds", "at"), reset],
  ["a reset with another code", server, exceeds, reset.replace("PROTOCOL_ERROR", "INTERNAL_ERROR")],
  ["a reset by our own server", "server", exceeds, reset],
  ["a closed body in the suite of a server", server, `Timeouts/${http1}/bidi-stream/half-duplex`, closed],
])("%s is a failure", (_, suite, name, reason) => {
  expect(casesToRepeat(suite, printed([name, reason]))).toEqual([]);
});

test("no case failed", () => {
  expect(casesToRepeat(client, printed())).toEqual([]);
});
