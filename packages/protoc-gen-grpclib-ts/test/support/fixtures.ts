import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  create,
  createFileRegistry,
  type DescService,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { respond } from "../../src/respond.js";
import { type Files, inPackage, inRepository, listFiles } from "./folders.js";
import { succeed, type Tool } from "./tools.js";

/** The folder with the fixtures: the .proto files that tests generate code for. */
export const protoFolder: string = inPackage("test/proto");

/** The folder with the options for error contracts. */
const optionsFolder: string = inRepository("packages/runtime/proto");

/** The flags with which protoc finds the fixtures and their imports. */
export const protoPaths: readonly string[] = ["-I", protoFolder, "-I", optionsFolder];

/** The names of all fixtures. */
export const fixtures: readonly string[] = listFiles(protoFolder);

/** Compiles .proto files and their imports. */
export function compile(paths: readonly string[], names: readonly string[]): FileDescriptorProto[] {
  const output = mkdtempSync(join(tmpdir(), "descriptors-"));
  try {
    const flags = ["--include_imports", "--include_source_info", "--retain_options", "-o", join(output, "set.binpb")];
    succeed("protoc", [...paths, ...flags, ...names]);
    return fromBinary(FileDescriptorSetSchema, readFileSync(join(output, "set.binpb"))).file;
  } finally {
    rmSync(output, { recursive: true });
  }
}

/** The descriptors of the fixtures and their imports. Never modify them: see {@link answer}. */
const descriptors: readonly FileDescriptorProto[] = compile(protoPaths, fixtures);

/** The descriptors of all services in the fixtures. */
export function fixtureServices(): DescService[] {
  const set = create(FileDescriptorSetSchema, { file: [...descriptors] });
  return [...createFileRegistry(set).files].flatMap((file) => file.services);
}

/** The request that a compiler sends for the fixtures, with `changes`. */
export function fixtureRequest(
  changes: MessageInitShape<typeof CodeGeneratorRequestSchema> = {},
): CodeGeneratorRequest {
  return create(CodeGeneratorRequestSchema, {
    fileToGenerate: [...fixtures],
    protoFile: [...descriptors],
    ...changes,
  });
}

/** The plugin's response to a request. Passes the request as bytes, because the plugin modifies what it decodes. */
export function answer(request: CodeGeneratorRequest): CodeGeneratorResponse {
  return respond(toBinary(CodeGeneratorRequestSchema, request));
}

/** The files that the plugin generates for fixtures. */
export function generate(parameter: string, fileToGenerate: readonly string[] = fixtures): Files {
  return filesOf(answer(fixtureRequest({ parameter, fileToGenerate: [...fileToGenerate] })));
}

/** The files that protoc-gen-es generates for the fixtures and the options that they use. */
export function generateMessages(
  parameter: string,
  { tool = "protocGenEs" as Tool, fileToGenerate = [...fixtures, "grpclib/v1/errors.proto"] } = {},
): Files {
  const input = toBinary(CodeGeneratorRequestSchema, fixtureRequest({ parameter, fileToGenerate }));
  return filesOf(fromBinary(CodeGeneratorResponseSchema, succeed(tool, [], { input })));
}

function filesOf({ error, file }: CodeGeneratorResponse): Files {
  if (error !== "") {
    throw new Error(error);
  }
  return Object.fromEntries(file.map(({ name, content }) => [name, content]));
}
