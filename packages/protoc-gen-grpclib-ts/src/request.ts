import { fromBinary, maximumEdition, minimumEdition } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  Edition,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { InputError } from "./input-error.js";
import { checkOptions } from "./options.js";

/** Decodes and checks a compiler's request. Throws an {@link InputError} if the plugin cannot process it. */
export function readRequest(bytes: Uint8Array): CodeGeneratorRequest {
  const request = decode(bytes);
  checkOptions(request.parameter);
  if (request.fileToGenerate.length === 0) {
    throw notFromCompiler();
  }
  const files = new Map(request.protoFile.map((file) => [file.name, file]));
  for (const file of request.protoFile) {
    for (const name of file.dependency) {
      find(name, files, `${file.name} imports`);
    }
  }
  for (const name of request.fileToGenerate) {
    checkEdition(find(name, files, "The request asks for"));
  }
  return request;
}

function decode(bytes: Uint8Array): CodeGeneratorRequest {
  try {
    return fromBinary(CodeGeneratorRequestSchema, bytes);
  } catch (cause) {
    throw notFromCompiler(cause);
  }
}

function notFromCompiler(cause?: unknown): InputError {
  return new InputError(
    "Standard input does not contain a request from buf or protoc. Do not run the plugin directly: " +
      "list it in buf.gen.yaml, or pass --grpclib-ts_out to protoc.",
    { cause },
  );
}

function find(name: string, files: ReadonlyMap<string, FileDescriptorProto>, clause: string): FileDescriptorProto {
  const file = files.get(name);
  if (file === undefined) {
    throw new InputError(
      `${clause} ${name}, whose descriptor is not in the request. Include it, as buf and protoc do.`,
    );
  }
  return file;
}

function checkEdition({ name, syntax, edition }: FileDescriptorProto): void {
  const supported = edition >= minimumEdition && edition <= maximumEdition;
  // proto2 and proto3 files have no edition. The unstable edition is for compiler developers, at their own risk.
  if (syntax === "editions" && !supported && edition !== Edition.EDITION_UNSTABLE) {
    const latest = Edition[maximumEdition].replace("EDITION_", "");
    throw new InputError(
      `The edition of ${name} is not supported. Use one up to ${latest}, or update protoc-gen-grpclib-ts.`,
    );
  }
}
