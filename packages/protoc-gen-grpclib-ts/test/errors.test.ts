import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  Edition,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { respond } from "../src/respond.js";
import { answer, fixtureRequest, protoPaths } from "./support/fixtures.js";
import { workFolder } from "./support/folders.js";
import { run, tools } from "./support/tools.js";

const notFromCompiler =
  "Standard input does not contain a request from buf or protoc. Do not run the plugin directly: " +
  "list it in buf.gen.yaml, or pass --grpclib-ts_out to protoc.";

const greeter = "greeter/v1/greeter.proto";
const file = (init: MessageInitShape<typeof FileDescriptorProtoSchema>) => create(FileDescriptorProtoSchema, init);
const brokenType = file({
  name: "broken.proto",
  syntax: "proto3",
  service: [{ name: "Broken", method: [{ name: "Call", inputType: ".Missing", outputType: ".Missing" }] }],
});

const faults: { what: string; request: MessageInitShape<typeof CodeGeneratorRequestSchema>; error: string }[] = [
  { what: "no files", request: { fileToGenerate: [] }, error: notFromCompiler },
  {
    what: "a missing file",
    request: { fileToGenerate: [greeter, "missing.proto"] },
    error:
      "The request asks for missing.proto, whose descriptor is not in the request. Include it, as buf and protoc do.",
  },
  {
    what: "a missing import",
    request: {
      fileToGenerate: ["a.proto"],
      protoFile: [file({ name: "a.proto", syntax: "proto3", dependency: ["b.proto"] })],
    },
    error: "a.proto imports b.proto, whose descriptor is not in the request. Include it, as buf and protoc do.",
  },
  {
    what: "a future edition",
    request: {
      fileToGenerate: ["a.proto"],
      protoFile: [file({ name: "a.proto", syntax: "editions", edition: 1999 as Edition })],
    },
    error: "The edition of a.proto is not supported. Use one up to 2026, or update protoc-gen-grpclib-ts.",
  },
  {
    what: "an edition that no file can have",
    request: {
      fileToGenerate: ["a.proto"],
      protoFile: [file({ name: "a.proto", syntax: "editions", edition: Edition.EDITION_LEGACY })],
    },
    error: "The edition of a.proto is not supported. Use one up to 2026, or update protoc-gen-grpclib-ts.",
  },
  {
    what: "a missing type",
    request: { fileToGenerate: ["broken.proto"], protoFile: [brokenType] },
    error:
      "protoc-gen-grpclib-ts cannot use these descriptors: invalid MethodDescriptorProto: input_type .Missing not found. " +
      "If the files compile without the plugin, this is a bug in the plugin: please report it, with the files.",
  },
];

test.for(faults)("The response to a request with $what has an error that says how to fix it.", ({ request, error }) => {
  expect(answer(fixtureRequest(request))).toMatchObject({ error, file: [] });
});

test.for([
  { what: "text", bytes: new TextEncoder().encode('syntax = "proto3";\n') },
  { what: "random bytes", bytes: new Uint8Array([0xff, 0x00, 0x13, 0x37]) },
  { what: "nothing", bytes: new Uint8Array() },
])("The response to $what instead of a request has an error that says how to run the plugin.", ({ bytes }) => {
  expect(respond(bytes)).toMatchObject({ error: notFromCompiler, file: [] });
});

test("The program responds to garbage with an error in its response, and reports nothing else.", () => {
  const { status, stdout, stderr } = run("plugin", [], { input: new TextEncoder().encode("garbage") });
  expect(fromBinary(CodeGeneratorResponseSchema, stdout).error).toBe(notFromCompiler);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("protoc shows the error to its user.", () => {
  const out = workFolder("errors");
  const args = [...protoPaths, `--plugin=${tools.plugin()}`, `--grpclib-ts_out=${out}`, "--grpclib-ts_opt=no"];
  const { status, stderr } = run("protoc", [...args, greeter]);
  expect(stderr).toMatch(/^--grpclib-ts_out: Unknown option "no"\. Remove it from [^\n]+\n$/);
  expect(status).toBe(1);
});
