import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { Client, credentials, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { definition } from "./errors/definition.js";
import type { ErrorContent } from "./errors/errors.js";
import { type MetadataEntry, metadataJson } from "./errors/metadata.js";
import { reasonAfterResponse, reasonOf, report } from "./errors/report.js";
import { DETAILS_KEY, unpackDetails } from "./errors/status-details.js";
import { clientFlags } from "./flags.js";
import { type RaiseRequest, RaiseRequestSchema, type RaiseResponse } from "./gen/interop/v1/errors_pb.js";

// Calls a server that raises errors, with grpc-js, and prints what it has received.
const { server_host: host, server_port: port } = clientFlags();
const client = new Client(`${host}:${port}`, credentials.createInsecure());

await report({
  unary: async (name) => received(await reasonOf(raise(create(RaiseRequestSchema, { name })))),
  stream: async (name) => received(await reasonAfterResponse(raiseLater(create(RaiseRequestSchema, { name })))),
});
client.close();

function raise(request: RaiseRequest): Promise<RaiseResponse | undefined> {
  const { path, requestSerialize, responseDeserialize } = definition.raise;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) =>
      error === null ? resolve(response) : reject(error),
    );
  });
}

function raiseLater(request: RaiseRequest): AsyncIterable<unknown> {
  const { path, requestSerialize, responseDeserialize } = definition.raiseLater;
  return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
}

function received(reason: unknown): ErrorContent {
  assert.ok(isServiceError(reason), reason as Error);
  const { code, details: message, metadata } = reason;
  const [packed] = metadata.get(DETAILS_KEY);
  assert.ok(typeof packed !== "string");
  return { code, message, details: unpackDetails(packed), metadata: metadataJson(entries(metadata)) };
}

function isServiceError(reason: unknown): reason is ServiceError {
  return reason instanceof Error && "code" in reason && "metadata" in reason;
}

function entries(metadata: Metadata): MetadataEntry[] {
  return Object.keys(metadata.getMap()).flatMap((key) => metadata.get(key).map((value): MetadataEntry => [key, value]));
}
