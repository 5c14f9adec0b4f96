import assert from "node:assert/strict";
import { ConnectError, createClient, decodeBinaryHeader } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { detailTypes, type ErrorContent, messageJson } from "./errors/errors.js";
import { type MetadataEntry, metadataJson } from "./errors/metadata.js";
import { reasonAfterResponse, reasonOf, report } from "./errors/report.js";
import { clientFlags } from "./flags.js";
import { ErrorService } from "./gen/interop/v1/errors_pb.js";

// Calls a server that raises errors, with connect-node, and prints what it has received.
const { server_host: host, server_port: port } = clientFlags();
const client = createClient(ErrorService, createGrpcTransport({ baseUrl: `http://${host}:${port}` }));

await report({
  unary: async (name) => received(await reasonOf(client.raise({ name }))),
  stream: async (name) => received(await reasonAfterResponse(client.raiseLater({ name }))),
});

function received(error: unknown): ErrorContent {
  assert.ok(error instanceof ConnectError, error as Error);
  const details = error.findDetails(detailTypes).map(messageJson);
  return {
    // Codes have the same numbers as in gRPC.
    code: Number(error.code),
    message: error.rawMessage,
    details: details.length > 0 ? details : undefined,
    metadata: metadataJson([...error.metadata].flatMap(entries)),
  };
}

/** Headers join the values of a key. */
function entries([key, joined]: [key: string, joined: string]): MetadataEntry[] {
  if (!key.endsWith("-bin")) return [[key, joined]];
  return joined.split(",").map((value) => [key, decodeBinaryHeader(value.trim())]);
}
