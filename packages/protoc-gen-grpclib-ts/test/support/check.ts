import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack, anyUnpack, type FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { procedures } from "../../src/check/procedures.js";
import { formats, respond } from "../../src/check/respond.js";
import {
  CheckRequestSchema,
  CheckResponseSchema,
  ListRulesResponseSchema,
  type Rule,
} from "../../src/gen/buf/plugin/check/v1/check_service_pb.js";
import { RequestSchema, type Response, ResponseSchema } from "../../src/gen/pluginrpc/v1/pluginrpc_pb.js";
import { compile, protoPaths } from "./fixtures.js";
import { workFolder } from "./folders.js";

/** The response of a procedure of buf-plugin-grpclib-ts to the bytes of a request. */
export function callWithBytes(name: string, bytes: Uint8Array): Response {
  const procedure = procedures.find(({ args }) => args[0] === name);
  const binary = formats["binary"];
  if (procedure === undefined || binary === undefined) throw new Error(`There is no procedure ${name}`);
  return fromBinary(ResponseSchema, respond(bytes, procedure, binary));
}

/** The response to a request to check files. */
export function callCheck(request: MessageInitShape<typeof CheckRequestSchema>): Response {
  const value = anyPack(CheckRequestSchema, create(CheckRequestSchema, request));
  return callWithBytes("check", toBinary(RequestSchema, create(RequestSchema, { value })));
}

/** The rules that the plugin lists. */
export function listedRules(): readonly Rule[] {
  const { value } = callWithBytes("list-rules", new Uint8Array());
  return (value && anyUnpack(value, ListRulesResponseSchema))?.rules ?? [];
}

/** A violation, as `<line>: <ID> <message>`, in library.proto. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
  readonly line: number | undefined;
  /** The line in the earlier version. */
  readonly againstLine: number | undefined;
}

/** What the plugin finds in a library.proto, compared with an earlier one if there is one. */
export function violationsIn(text: string, earlier?: string): Violation[] {
  const files = compileText(text);
  const against = earlier === undefined ? [] : compileText(earlier);
  const { value, error } = callCheck({ fileDescriptors: toCheck(files), againstFileDescriptors: toCheck(against) });
  if (value === undefined) throw new Error(error?.message);
  return (anyUnpack(value, CheckResponseSchema)?.annotations ?? []).map((annotation) => ({
    rule: annotation.ruleId,
    message: annotation.message,
    line: lineOf(annotation.fileLocation?.sourcePath, files),
    againstLine: lineOf(annotation.againstFileLocation?.sourcePath, against),
  }));
}

/** Compiles a library.proto, with its imports. */
export function compileText(text: string): readonly FileDescriptorProto[] {
  const folder = () => workFolder(`check-${process.pid}`, { "library.proto": text });
  const files = compiled.get(text) ?? compile(["-I", folder(), ...protoPaths], ["library.proto"]);
  compiled.set(text, files);
  return files;
}

const compiled = new Map<string, readonly FileDescriptorProto[]>();

/** Files as buf sends them. */
export function toCheck(files: readonly FileDescriptorProto[]): { fileDescriptorProto: FileDescriptorProto }[] {
  return files.map((fileDescriptorProto) => ({ fileDescriptorProto }));
}

function lineOf(path: readonly number[] | undefined, files: readonly FileDescriptorProto[]): number | undefined {
  const info = files.find(({ name }) => name === "library.proto")?.sourceCodeInfo;
  const [line] = info?.location.find((location) => location.path.join() === path?.join())?.span ?? [];
  return line === undefined ? undefined : line + 1;
}
