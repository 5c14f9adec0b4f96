import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import {
  AnySchema,
  anyPack,
  DurationSchema,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import { Status } from "../../../src/core/status.js";
import { detail, Unknown } from "../../../src/errors/detail.js";
import { detailFromJson, detailToJson, isDetailJson } from "../../../src/errors/detail-json.js";
import { DetailRegistry, schemasOf } from "../../../src/errors/detail-registry.js";
import { GRPCError } from "../../../src/errors/error.js";
import {
  encodeStatusDetails,
  packDetails,
  parseStatusDetails,
  unpackDetails,
} from "../../../src/errors/status-details.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  file_google_rpc_error_details,
  RetryInfoSchema,
} from "../../../src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../../../src/gen/google/rpc/status_pb.js";
import { NestedAnySchema } from "../../gen/test/v1/nested_any_pb.js";
import { OwnDetailSchema } from "../../gen/test/v1/test_pb.js";
import { checkSame, type Decoder, inputs, inspectSome } from "./decoder.js";

const registry = new DetailRegistry(
  file_google_rpc_error_details,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
  ...[StatusSchema, AnySchema, NestedAnySchema, OwnDetailSchema, DurationSchema, TimestampSchema],
);
const findSchema = schemasOf(registry);

const info = detail(ErrorInfoSchema, { reason: "GONE", domain: "", metadata: { name: "Job", "": "empty" } });
const own = detail(OwnDetailSchema, { text: "own \u{1f600}" });
const badRequest = detail(BadRequestSchema, {
  fieldViolations: [
    { field: "name", description: "is empty" },
    { field: "\ufeff", description: "" },
  ],
});
const retry = detail(RetryInfoSchema, { retryDelay: { seconds: 5n, nanos: 1 } });
const time = detail(TimestampSchema, { seconds: 1_700_000_000n });
const unknown = new Unknown("example.com/types/other.v1.Detail", Uint8Array.of(1, 2, 3));
const nested = detail(NestedAnySchema, {
  single: anyPack(ErrorInfoSchema, info),
  list: [anyPack(OwnDetailSchema, own), create(AnySchema, { typeUrl: "a/b.C", value: Uint8Array.of(1) })],
  byName: { __proto__x: anyPack(TimestampSchema, time) },
  message: { value: "AA==", single: anyPack(NestedAnySchema, create(NestedAnySchema, { value: "x" })) },
  byNumber: { "-1": { choice: { case: "chosen", value: anyPack(ErrorInfoSchema, info) } } },
});
const status = detail(StatusSchema, { code: 5, message: "text", details: [anyPack(NestedAnySchema, nested)] });

const lists = [[info, own], [badRequest, retry, unknown], [nested, status, time], []];

/** Encoded google.rpc.Status messages. */
export const statusCorpus: readonly Buffer[] = lists.map((details) => {
  const { packed, dropped } = packDetails(details, findSchema);
  assert.equal(dropped.length, 0);
  return Buffer.from(encodeStatusDetails(Status.NOT_FOUND, "gone", packed));
});

const statusBytes: Decoder = {
  name: "google.rpc.Status",
  format: "bytes",
  corpus: statusCorpus,
  check(input) {
    const { message = "", details, cause } = parseStatusDetails(input);
    if (cause !== undefined) return assert.equal(details.length, 0);
    const unpacked = unpackDetails(details, findSchema);
    assert.equal(unpacked.length, details.length);
    for (const each of unpacked) JSON.stringify(detailToJson(each, findSchema));
    const { packed, dropped } = packDetails(unpacked, findSchema);
    assert.equal(dropped.length, 0);
    // What has been decoded once is encoded and decoded without a change.
    const again = parseStatusDetails(encodeStatusDetails(Status.NOT_FOUND, message, packed));
    checkSame(again.message, message);
    assert.equal(again.details.length, packed.length);
    const twice = packDetails(unpackDetails(again.details, findSchema), findSchema).packed;
    for (const [index, { typeUrl, value }] of packed.entries()) {
      checkSame(twice[index]?.typeUrl, typeUrl);
      assert.ok(Buffer.from(value).equals(twice[index]?.value ?? Buffer.of()));
    }
  },
};

/** Whether a text in JSON has no form in UTF-8. In the bytes of a message, it becomes another one. */
function hasLoneSurrogate(json: Buffer): boolean {
  return /\\ud[89a-f]/i.test(json.toString());
}

const errorJson: Decoder = {
  name: "error in JSON",
  format: "json",
  corpus: inputs(
    ...lists.map((details) => JSON.stringify(new GRPCError(Status.NOT_FOUND, "gone", details, { cause: "why" }))),
    JSON.stringify({
      ...{
        name: "GRPCError",
        status: "ABORTED",
        kind: "GONE",
        declaredBy: "/a.B/C",
        message: "text",
        method: "/a.B/C",
      },
      ...{ peer: "127.0.0.1:1", origin: "peer", metadata: { key: ["a", "b"], "key-bin": ["AAE="] }, cause: "why" },
      corruptDetails: "AAEC",
    }),
  ),
  check(input) {
    const json: unknown = JSON.parse(input.toString());
    let error: GRPCError;
    try {
      error = GRPCError.fromJSON(json, registry);
    } catch (refusal) {
      assert.ok(refusal instanceof TypeError && /^(?:Invalid JSON of|The JSON of) a GRPCError/.test(refusal.message));
      return;
    }
    inspectSome(input, error);
    if (hasLoneSurrogate(input)) return;
    const once = JSON.parse(JSON.stringify(error));
    const twice = JSON.parse(JSON.stringify(GRPCError.fromJSON(once, registry)));
    // The JSON shortens long binary metadata, and what is shortened is not restored.
    assert.deepEqual({ ...twice, metadata: undefined }, { ...once, metadata: undefined });
    assert.deepEqual(JSON.parse(JSON.stringify(GRPCError.fromJSON(twice, registry))), twice);
  },
};

const detailsInJson: Decoder = {
  name: "detail in JSON",
  format: "json",
  corpus: inputs(...lists.flat().map((each) => JSON.stringify(detailToJson(each, findSchema)))),
  check(input) {
    const json: unknown = JSON.parse(input.toString());
    if (!isDetailJson(json)) return;
    const restored = detailFromJson(json, findSchema);
    inspectSome(input, restored);
    if (hasLoneSurrogate(input)) return;
    const once = JSON.parse(JSON.stringify(detailToJson(restored, findSchema)));
    assert.deepEqual(JSON.parse(JSON.stringify(detailToJson(detailFromJson(once, findSchema), findSchema))), once);
    for (const { value } of packDetails([restored], findSchema).packed)
      assert.ok(value.length <= 4 * input.length + 64);
  },
};

export const detailDecoders: readonly Decoder[] = [statusBytes, errorJson, detailsInJson];
