import { expect, test } from "vitest";
import { casesWithClosedBody } from "../scripts/lib/closed-body.mjs";

const server = "HTTPVersion:1/Protocol:PROTOCOL_GRPC_WEB/Codec:CODEC_PROTO/TLS:false/(grpc server impl)";
const closed = '\tactual error {code: 14 (unavailable), message: "http: invalid Read on closed Body"} does not match\n';
const unexpected =
  '\treceived an unexpected error:\n\tcode:CODE_UNAVAILABLE  message:"http: invalid Read on closed Body"\n';

/** What connectrpc/conformance prints for failed cases. */
const printed = (...failures: [name: string, reason: string][]) =>
  [
    "Running 152 tests\n",
    ...failures.map(([name, reason]) => `FAILED: ${name}:\n${reason}`),
    "\nTotal cases: 152",
  ].join("");

test("only cases in which the suite's own server closed the body run again", () => {
  const half = `Timeouts/${server}/bidi-stream/half-duplex`;
  const success = `Basic/${server}/bidi-stream/half-duplex/success`;
  expect(casesWithClosedBody(printed([half, closed], [success, unexpected]))).toEqual([half, success]);
});

test.each([
  ["another error", `Timeouts/${server}/bidi-stream/half-duplex`, "\texpecting 1 response but got 0\n"],
  ["another kind of method", `Basic/${server}/client-stream/success`, closed],
  ["another server", `Basic/${server.replace(" server impl", "")}/bidi-stream/half-duplex/success`, closed],
  ["HTTP/2", `Basic/${server.replace("HTTPVersion:1", "HTTPVersion:2")}/bidi-stream/half-duplex/success`, closed],
])("%s is a failure", (_, name, reason) => {
  expect(casesWithClosedBody(printed([name, reason]))).toEqual([]);
});

test("no case failed", () => {
  expect(casesWithClosedBody(printed())).toEqual([]);
});
