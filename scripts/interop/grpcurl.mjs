import { deepEqual, equal, ok } from "node:assert/strict";
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

/** The flags with which grpcurl reads the .proto files instead of asking the server. */
const protos = [
  ...["-import-path", "interop/proto", "-import-path", "packages/runtime/proto-google"],
  ...["-proto", "interop/v1/errors.proto", "-proto", "interop/v1/unlisted.proto"],
  ...["-proto", "google/rpc/error_details.proto"],
];

/** Calls a server that raises the error with this name, and compares what grpcurl prints. */
export function raiseWithGrpcurl(port, name) {
  return raise(port, name, protos);
}

/** The same without the .proto files: grpcurl asks the server for them. */
export function raiseWithReflection(port, name) {
  return raise(port, name, []);
}

async function raise(port, name, flags) {
  const { code, output } = await grpcurl([
    ...["-plaintext", "-format-error", "-d", JSON.stringify({ name })],
    ...flags,
    ...[`127.0.0.1:${port}`, "interop.v1.ErrorService/Raise"],
  ]);
  const error = errors.find((error) => error.name === name);
  // grpcurl omits an empty list of details.
  const details = error.details?.length > 0 ? { details: error.details } : {};
  deepEqual(JSON.parse(output), { code: error.code, message: error.message, ...details });
  equal(code, 64 + error.code);
}

/** What tools that ask the server show, by the name of the case: the command and a part of its output. */
export const reflectionCases = {
  list: {
    run: (address) => grpcurl(["-plaintext", address, "list"]),
    shows: "grpc.reflection.v1.ServerReflection\ngrpc.reflection.v1alpha.ServerReflection\ninterop.v1.ErrorService",
  },
  "list methods": {
    run: (address) => grpcurl(["-plaintext", address, "list", "interop.v1.ErrorService"]),
    shows: "interop.v1.ErrorService.Raise",
  },
  "describe a service": {
    run: (address) => grpcurl(["-plaintext", address, "describe", "interop.v1.ErrorService"]),
    shows: "rpc Raise ( .interop.v1.RaiseRequest ) returns ( .interop.v1.RaiseResponse );",
  },
  "describe a message": {
    run: (address) => grpcurl(["-plaintext", address, "describe", "interop.v1.Shelf"]),
    shows: "repeated string books = 3;",
  },
  "describe a detail": {
    run: (address) => grpcurl(["-plaintext", address, "describe", "google.rpc.ErrorInfo"]),
    shows: "map<string, string> metadata = 3;",
  },
  "buf curl lists methods": {
    run: (address) => bufCurl(["--list-methods", `http://${address}`]),
    shows: "interop.v1.ErrorService/Raise",
  },
  "buf curl calls a method": {
    run: (address) => bufCurl(["-d", '{"name":"custom_detail"}', `http://${address}/interop.v1.ErrorService/Raise`]),
    // It shows the types of details only.
    shows: '"type": "interop.v1.Shelf"',
  },
};

export async function askForFiles(port, name) {
  const { run, shows } = reflectionCases[name];
  const { output } = await run(`127.0.0.1:${port}`);
  ok(output.includes(shows), output);
}

function grpcurl(args) {
  return outcomeOf({ command: join(tools, "grpcurl"), args });
}

function bufCurl(args) {
  return outcomeOf({
    command: "buf",
    args: ["curl", "--protocol", "grpc", "--http2-prior-knowledge", ...args],
  });
}
