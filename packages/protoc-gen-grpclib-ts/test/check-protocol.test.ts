import { clone, create, fromBinary, fromJsonString, toBinary } from "@bufbuild/protobuf";
import {
  anyPack,
  anyUnpack,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileOptionsSchema,
  MethodOptionsSchema,
  ServiceOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CheckRequest,
  CheckRequestSchema,
  CheckResponseSchema,
  ListCategoriesResponseSchema,
  ListRulesRequestSchema,
} from "../src/gen/buf/plugin/check/v1/check_service_pb.js";
import { errors, service_errors, shared_errors } from "../src/gen/grpclib/v1/errors_pb.js";
import { Code, RequestSchema, ResponseSchema, SpecSchema } from "../src/gen/pluginrpc/v1/pluginrpc_pb.js";
import { callCheck, callWithBytes, compileText, listedRules, toCheck } from "./support/check.js";
import { run } from "./support/tools.js";

const specOf = {
  procedures: ["Check", "ListRules", "ListCategories"].map((name, i) => ({
    path: `/buf.plugin.check.v1.CheckService/${name}`,
    args: [["check", "list-rules", "list-categories"][i]],
  })),
};

test("The program prints the version of the protocol, and its procedures in the format asked for.", () => {
  const print = (...args: string[]) => run("checkPlugin", args).stdout;
  expect(print("--protocol").toString()).toBe("1\n");
  expect(fromBinary(SpecSchema, print("--spec"))).toMatchObject(specOf);
  expect(fromBinary(SpecSchema, print("--spec", "--format=binary"))).toMatchObject(specOf);
  expect(fromJsonString(SpecSchema, print("--spec", "--format=json").toString())).toMatchObject(specOf);
});

test.for(["check", "/buf.plugin.check.v1.CheckService/Check"])(
  "The program checks files in JSON if run with %s.",
  (name) => {
    const value = {
      "@type": "type.googleapis.com/buf.plugin.check.v1.CheckRequest",
      ruleIds: ["GRPCLIB_CONTRACT_VALID"],
      fileDescriptors: [
        { fileDescriptorProto: { name: "a.proto", service: [{ name: "A", options: { "[acme.unknown]": 1 } }] } },
      ],
    };
    const input = new TextEncoder().encode(JSON.stringify({ value }));
    const { status, stdout, stderr } = run("checkPlugin", [name, "--format", "json"], { input });
    expect({ status, stderr, output: JSON.parse(stdout.toString()) }).toEqual({
      status: 0,
      stderr: "",
      output: { value: { "@type": "type.googleapis.com/buf.plugin.check.v1.CheckResponse" } },
    });
  },
);

test.for([
  { args: [], problem: 'Unknown command "". Run the plugin through buf.' },
  { args: ["check", "list-rules"], problem: 'Unknown command "check list-rules". Run the plugin through buf.' },
  { args: ["check", "--format=xml"], problem: 'Unknown format "xml". Use binary or json.' },
  { args: ["check", "--format=toString"], problem: 'Unknown format "toString". Use binary or json.' },
  { args: ["--nope"], problem: "Unknown option '--nope'" },
])("The program prints its usage and fails if run with $args", ({ args, problem }) => {
  const { status, stdout, stderr } = run("checkPlugin", args, { input: new Uint8Array() });
  expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: "" });
  expect(stderr.startsWith(problem)).toBe(true);
  expect(stderr).toContain("plugins:\n    - plugin: buf-plugin-grpclib-ts\n");
  expect(stderr).not.toMatch(/^ +at /m);
});

test.for(["--help", "--version"])("The program succeeds if run with %s.", (argument) => {
  const { status, stdout } = run("checkPlugin", [argument]);
  expect(status).toBe(0);
  expect(stdout.toString()).toMatch(/^buf-plugin-grpclib-ts v\d/);
});

test("Rules have IDs, purposes and categories as buf requires them.", () => {
  const { value } = callWithBytes("list-categories", new Uint8Array());
  const categories = (value && anyUnpack(value, ListCategoriesResponseSchema))?.categories ?? [];
  const rules = listedRules();
  expect(new Set([...rules, ...categories].map(({ id }) => id)).size).toBe(rules.length + categories.length);
  expect(new Set(rules.flatMap(({ categoryIds }) => categoryIds))).toEqual(new Set(categories.map(({ id }) => id)));
  for (const { id, purpose } of [...rules, ...categories]) {
    expect(id).toMatch(/^GRPCLIB(_[A-Z0-9]+)*$/);
    expect(purpose).toMatch(/^[A-Z].*\.$/);
  }
});

const files = compileText(`syntax = "proto3"; package a; import "grpclib/v1/errors.proto"; message Request {}
service A { rpc Get(Request) returns (Request) { option (grpclib.v1.errors) = { status: ABORTED reason: "no" }; } }`);
const invalid = "library.proto:2:50: The reason";

test("Only the rules asked for are checked.", () => {
  const rulesOf = (...ruleIds: string[]) => {
    const { value } = callCheck({ fileDescriptors: toCheck(files), ruleIds });
    return (value && anyUnpack(value, CheckResponseSchema))?.annotations.map(({ ruleId }) => ruleId);
  };
  expect(rulesOf()).toEqual(["GRPCLIB_REASON_UPPER_SNAKE_CASE"]);
  expect(rulesOf("GRPCLIB_REASON_UPPER_SNAKE_CASE", "GRPCLIB_ERROR_NO_DELETE")).toHaveLength(1);
  expect(rulesOf("GRPCLIB_COMMENT_ERROR")).toEqual([]);
});

test("Lint rules do not check imports.", () => {
  const fileDescriptors = toCheck(files).map((file) => ({ ...file, isImport: true }));
  expect(callCheck({ fileDescriptors }).value).toMatchObject({ value: new Uint8Array() });
});

test("An invalid contract cannot be compared; an invalid one in the earlier version does not matter.", () => {
  const fileDescriptors = toCheck(files);
  const valid = toCheck(compileText('syntax = "proto3"; package a; message Request {} service A {}'));
  const ruleIds = ["GRPCLIB_ERROR_NO_DELETE"];
  expect(callCheck({ fileDescriptors, againstFileDescriptors: fileDescriptors, ruleIds }).error).toMatchObject({
    code: Code.INVALID_ARGUMENT,
    message: expect.stringContaining(invalid),
  });
  expect(callCheck({ fileDescriptors: valid, againstFileDescriptors: fileDescriptors, ruleIds }).error).toBeUndefined();
});

test.for([
  { name: "an option", request: { options: [{ key: "strict" }] }, problem: 'no option "strict". Remove it from buf' },
  { name: "an unknown rule", request: { ruleIds: ["NOPE"] }, problem: 'no rule "NOPE". Remove it from buf.yaml.' },
  {
    name: "a file without its import",
    request: { fileDescriptors: toCheck(files.filter(({ name }) => name === "library.proto")) },
    problem: "The descriptors cannot be read:",
  },
  ...(["methods", "services", "files"] as const).map((where) => ({
    name: `options of ${where} that cannot be decoded`,
    request: { fileDescriptors: toCheck([withBadOption(where)]) },
    problem: "The descriptors cannot be read: ",
  })),
])("A request with $name is answered with an error.", ({ request, problem }) => {
  const { value, error } = callCheck(request);
  expect(value).toBeUndefined();
  expect(error).toMatchObject({ code: Code.INVALID_ARGUMENT, message: expect.stringContaining(problem) });
});

test("A request with another message, or without any that can be decoded, is answered with an error.", () => {
  const value = anyPack(ListRulesRequestSchema, create(ListRulesRequestSchema));
  const corrupt = { ...anyPack(CheckRequestSchema, create(CheckRequestSchema)), value: new Uint8Array([255]) };
  const requests = [
    toBinary(RequestSchema, create(RequestSchema, { value })),
    toBinary(RequestSchema, create(RequestSchema, { value: corrupt })),
    new Uint8Array([255]),
  ];
  const start = "Standard input does not contain a request with a buf.plugin.check.v1.CheckRequest: ";
  for (const request of requests) {
    const { error } = callWithBytes("check", request);
    expect(error).toMatchObject({ code: Code.INVALID_ARGUMENT, message: expect.stringContaining(start) });
  }
});

/** A file with an option that declares errors and whose bytes cannot be decoded. */
function withBadOption(where: "methods" | "services" | "files"): FileDescriptorProto {
  const [file] = compileText('syntax = "proto3"; package b; message R {} service B { rpc Get(R) returns (R); }');
  const proto = clone(FileDescriptorProtoSchema, file as FileDescriptorProto);
  const { number: no } = { methods: errors, services: service_errors, files: shared_errors }[where];
  const $unknown = [{ no, wireType: 2, data: Uint8Array.of(2, 0, 0) }];
  if (where === "files") proto.options = Object.assign(create(FileOptionsSchema), { $unknown });
  for (const service of proto.service) {
    if (where === "services") service.options = Object.assign(create(ServiceOptionsSchema), { $unknown });
    for (const method of service.method) {
      if (where === "methods") method.options = Object.assign(create(MethodOptionsSchema), { $unknown });
    }
  }
  return proto;
}

test("Whatever bytes the program reads, it does not blame itself.", () => {
  const request: CheckRequest = create(CheckRequestSchema, { fileDescriptors: toCheck(files) });
  const valid = toBinary(RequestSchema, create(RequestSchema, { value: anyPack(CheckRequestSchema, request) }));
  const changed = fc
    .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 5 })
    .map((changes) => valid.map((byte, i) => changes.find(([at]) => at === i)?.[1] ?? byte));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), changed), (bytes) => {
      const { value, error } = callWithBytes("check", bytes);
      expect(value !== undefined || error?.code === Code.INVALID_ARGUMENT).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("A response can be decoded.", () => {
  const { status, stdout } = run("checkPlugin", ["list-rules"], { input: new Uint8Array() });
  expect(status).toBe(0);
  expect(fromBinary(ResponseSchema, stdout).error).toBeUndefined();
});
