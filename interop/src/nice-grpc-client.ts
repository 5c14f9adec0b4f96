import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { ClientError, createChannel, createClient, Metadata } from "nice-grpc";
import { definition } from "./errors/definition.js";
import type { ErrorContent } from "./errors/errors.js";
import { type MetadataEntry, metadataJson } from "./errors/metadata.js";
import { reasonAfterResponse, reasonOf, report } from "./errors/report.js";
import { DETAILS_KEY, unpackDetails } from "./errors/status-details.js";
import { clientFlags } from "./flags.js";
import { RaiseRequestSchema } from "./gen/interop/v1/errors_pb.js";

// Calls a server that raises errors, with nice-grpc, and prints what it has received.
const { server_host: host, server_port: port } = clientFlags();
const channel = createChannel(`${host}:${port}`);
const client = createClient(definition, channel);

// Its errors do not have the metadata.
let trailer = Metadata();
const onTrailer = (received: Metadata) => {
  trailer = received;
};

await report({
  unary: async (name) => received(await reasonOf(client.raise(create(RaiseRequestSchema, { name }), { onTrailer }))),
  stream: async (name) =>
    received(await reasonAfterResponse(client.raiseLater(create(RaiseRequestSchema, { name }), { onTrailer }))),
});
channel.close();

function received(error: unknown): ErrorContent {
  assert.ok(error instanceof ClientError, error as Error);
  const { code, details: message } = error;
  const metadata = [...trailer].flatMap(([key, values]) => values.map((value): MetadataEntry => [key, value]));
  return { code, message, details: unpackDetails(trailer.get(DETAILS_KEY)), metadata: metadataJson(metadata) };
}
