import assert from "node:assert/strict";
import { isMessage, type JsonValue } from "@bufbuild/protobuf";
import { type Detail, GRPCError, Unknown } from "@grpclib-ts/runtime";
import { Channel } from "@grpclib-ts/runtime/node";
import { type ErrorContent, messageJson } from "./errors/errors.js";
import { metadataJson } from "./errors/metadata.js";
import { reasonAfterResponse, reasonOf, report } from "./errors/report.js";
import { clientFlags } from "./flags.js";
import { ErrorServiceStub } from "./gen/interop/v1/errors_grpclib.js";
import { UnlistedSchema } from "./gen/interop/v1/unlisted_pb.js";

// Calls a server that raises errors, and prints what it has received.
const { server_host: host, server_port: port } = clientFlags();
await using channel = new Channel(`http://${host}:${port}`);
const stub = new ErrorServiceStub(channel);

await report({
  unary: async (name) => received(await reasonOf(stub.raise({ name }))),
  stream: async (name) => received(await reasonAfterResponse(stub.raiseLater({ name }))),
});

function received(error: unknown): ErrorContent {
  if (!(error instanceof GRPCError)) throw error;
  assert.equal(error.origin, "peer");
  const { status: code, statusMessage: message = "", details, metadata = [] } = error;
  return { code, message, details: details?.map(detailJson), metadata: metadataJson(metadata) };
}

function detailJson(detail: Detail): JsonValue {
  // The channel does not know this type, but keeps the bytes.
  const message = detail instanceof Unknown ? detail.unpack(UnlistedSchema) : detail;
  assert.ok(message !== undefined);
  assert.equal(isMessage(message, UnlistedSchema), detail instanceof Unknown);
  return messageJson(message);
}
