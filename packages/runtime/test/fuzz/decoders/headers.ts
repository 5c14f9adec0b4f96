import assert from "node:assert/strict";
import { errorOf } from "../../../src/client/outcome.js";
import { compressions } from "../../../src/core/compression.js";
import { Metadata } from "../../../src/core/metadata.js";
import { isShortened } from "../../../src/core/metadata-mask.js";
import { describeMethod } from "../../../src/core/method.js";
import { isFailure, Status } from "../../../src/core/status.js";
import { contractBehind, methodErrors } from "../../../src/errors/contract.js";
import { GRPCError } from "../../../src/errors/error.js";
import type { ErrorJson } from "../../../src/errors/log-shape.js";
import { headerBlockSize } from "../../../src/wire/header-size.js";
import {
  addMetadata,
  formatBinary,
  metadataOf,
  type OutgoingHeaders,
  type RawHeaders,
} from "../../../src/wire/headers.js";
import { formatCallHeaders, formatMethodHeaders, parseRequest, refuseRequest } from "../../../src/wire/request.js";
import { formatStatus, formatTrailersOnly, parseResponse, parseTrailers } from "../../../src/wire/response.js";
import { singleValueHeaders } from "../../../src/wire/single-value.js";
import { fitTrailers, TRAILER_BUDGET_BYTES, TRAILERS_ONLY_BYTES } from "../../../src/wire/trailer-budget.js";
import { OwnDetailSchema, TestService } from "../../gen/test/v1/test_pb.js";
import { rawHeadersOf } from "../../wire/raw-headers.js";
import { checkSame, type Decoder, inputs, inspectSome, textIn } from "./decoder.js";
import { statusCorpus } from "./details.js";

const metadata = new Metadata([
  ["key", "a, b"],
  ["key", "c"],
  ["key-bin", Uint8Array.of(0, 1, 254, 255)],
  ["authorization", "Bearer abc"],
]);

const MAX_LINES = 2000;

/** Headers as lines of `name: value`. */
function linesOf(headers: OutgoingHeaders): string {
  const raw = rawHeadersOf(headers);
  return raw.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${raw[index + 1]}`] : [])).join("\n");
}

/** The header lines in an input. HTTP/2 counts 32 bytes more for each, so that a block that we accept has few. */
function rawHeadersIn(input: Buffer): string[] {
  return textIn(input)
    .split("\n", MAX_LINES)
    .flatMap((line) => {
      const [name = "", ...value] = line.split(": ");
      return [name, value.join(": ")];
    });
}

/** Reads the metadata and sends it on: the same must arrive. */
function checkMetadata(raw: RawHeaders): void {
  const received = metadataOf(raw);
  const keys = [...received].map(([key]) => key);
  // The values of these are joined, and the user agent is not sent on.
  if (keys.some((key) => singleValueHeaders.has(key) || key === "user-agent")) return;
  const headers: OutgoingHeaders = Object.create(null);
  addMetadata(headers, received);
  checkSame(JSON.stringify(metadataOf(rawHeadersOf(headers))), JSON.stringify(received));
}

const request: Decoder = {
  name: "request headers",
  format: "lines",
  corpus: inputs(
    linesOf({
      ...formatMethodHeaders({
        scheme: "http",
        authority: "localhost:50051",
        path: "/test.v1.TestService/Unary",
        userAgent: "grpclib-ts",
      }),
      ...formatCallHeaders({ timeout: 1500, compression: "gzip", metadata, previousAttempts: 2 }),
    }),
    ":method: POST\ncontent-type: application/grpc\nte: trailers\ngrpc-timeout: 99999999H\nx-bin: AA==,AQ\nx-bin: ",
  ),
  check(input) {
    const raw = rawHeadersIn(input);
    assert.ok([405, 415, undefined].includes(refuseRequest(raw[1], raw)));
    const { refusal, ...received } = parseRequest(raw);
    checkMetadata(raw);
    inspectSome(input, metadataOf(raw));
    if (refusal !== undefined) {
      assert.ok(isFailure(refusal.status));
      // Proxies limit the only block of headers.
      assert.ok(headerBlockSize(formatTrailersOnly(formatStatus(refusal))) <= TRAILERS_ONLY_BYTES);
      return;
    }
    assert.ok("encoding" in received && compressions.includes(received.encoding));
    assert.ok(received.timeout === undefined || (received.timeout >= 0 && received.timeout < Number.POSITIVE_INFINITY));
    assert.ok(Number.isSafeInteger(received.previousAttempts) && received.previousAttempts >= 0);
  },
};

const response: Decoder = {
  name: "response headers",
  format: "lines",
  corpus: inputs(
    ":status: 200\ncontent-type: application/grpc\ngrpc-encoding: gzip\nkey: value",
    ":status: 503\ncontent-type: text/html; charset=utf-8\nretry-after: 5",
    ":status: 200\ncontent-type: application/grpc+proto; a=b",
  ),
  check(input) {
    const raw = rawHeadersIn(input);
    const { refusal, encoding } = parseResponse(Number(raw[1]), raw);
    if (refusal === undefined) assert.ok(compressions.includes(encoding));
    else assert.ok(isFailure(refusal.status) && `${refusal.message}`.length < 200);
  },
};

const contract = contractBehind(
  methodErrors<object>(TestService.method.unary, {
    GONE: { status: Status.NOT_FOUND, reason: "GONE", metadata: ["name"], details: { own: OwnDetailSchema } },
    OTHER: { status: Status.NOT_FOUND },
  }),
);
const method = { ...describeMethod(TestService.method.unary), contract };

const trailers: Decoder = {
  name: "trailers",
  format: "lines",
  corpus: [
    ...inputs(
      linesOf(formatStatus({ status: Status.OK, metadata })),
      linesOf(formatStatus({ status: Status.ABORTED, message: "100 % \n \u{1f600}", metadata, retryPushback: 1500 })),
    ),
    ...statusCorpus.flatMap((bytes) =>
      inputs(`grpc-status: 5\ngrpc-message: gone\ngrpc-status-details-bin: ${formatBinary(bytes)}\nkey: value`),
    ),
  ],
  check(input) {
    const raw = rawHeadersIn(input);
    const end = parseTrailers(raw);
    if (end === undefined) return;
    assert.ok(end.retryPushback === undefined || end.retryPushback === "never" || end.retryPushback >= 0);
    const again = parseTrailers(rawHeadersOf(formatStatus(end)));
    assert.equal(again?.status, end.status);
    checkSame(again.message, end.message);
    assert.equal(again.details?.length, end.details?.length);
    assert.ok(fitTrailers(end, TRAILER_BUDGET_BYTES).size <= TRAILER_BUDGET_BYTES);
    if (end.status === Status.OK) return;
    const error = errorOf({ end }, { method, peer: "127.0.0.1:1" });
    assert.ok(error instanceof GRPCError);
    inspectSome(input, error);
    const json = JSON.stringify(error);
    const restored = GRPCError.fromJSON(JSON.parse(json));
    checkSame(JSON.stringify(restored), JSON.stringify(withoutShortened(JSON.parse(json))));
    checkSame(restored.statusMessage, error.statusMessage);
  },
};

/** The JSON of an error without the values of metadata that it does not have in full. */
function withoutShortened(json: ErrorJson): object {
  const kept = Object.entries(json.metadata ?? {})
    .map(([key, values]) => [key, values.filter((value) => !isShortened(value))] as const)
    .filter(([, values]) => values.length > 0);
  return { ...json, metadata: kept.length === 0 ? undefined : Object.fromEntries(kept) };
}

export const headerDecoders: readonly Decoder[] = [request, response, trailers];
