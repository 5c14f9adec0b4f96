import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { go } from "../lib/go.mjs";
import { root } from "../lib/root.mjs";
import { errors } from "./errors.mjs";
import { outcomeOf } from "./run-client.mjs";

// https://github.com/fullstorydev/grpcurl
export const grpcurlVersion = "v1.9.4";
const tools = join(root, ".tools/bin");

export async function installGrpcurl() {
  await go(["install", `github.com/fullstorydev/grpcurl/cmd/grpcurl@${grpcurlVersion}`], { GOBIN: tools });
}

/** Calls a server that raises the error with this name, and compares what grpcurl prints. */
export async function raiseWithGrpcurl(port, name) {
  const { code, output } = await outcomeOf({
    command: join(tools, "grpcurl"),
    args: [
      ...["-plaintext", "-format-error", "-d", JSON.stringify({ name })],
      ...["-import-path", "interop/proto", "-import-path", "packages/runtime/proto-google"],
      ...["-proto", "interop/v1/errors.proto", "-proto", "interop/v1/unlisted.proto"],
      ...["-proto", "google/rpc/error_details.proto"],
      ...[`127.0.0.1:${port}`, "interop.v1.ErrorService/Raise"],
    ],
  });
  const error = errors.find((error) => error.name === name);
  // grpcurl omits an empty list of details.
  const details = error.details?.length > 0 ? { details: error.details } : {};
  deepEqual(JSON.parse(output), { code: error.code, message: error.message, ...details });
  equal(code, 64 + error.code);
}
