import { createRegistry, type DescFile, type DescMessage, type DescService } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test, vi } from "vitest";
import { DetailRegistry, detailSchemas, registerDetails, schemasOf } from "../../src/errors/detail-registry.js";
import {
  ErrorInfoSchema,
  file_google_rpc_error_details,
  QuotaFailure_ViolationSchema,
  QuotaFailureSchema,
} from "../../src/gen/google/rpc/error_details_pb.js";
import { descFiles } from "../core/descriptors.js";
import { file_test_v1_hidden, HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { ImportedDetailSchema } from "../gen/test/v1/imported_pb.js";
import { PassedOnDetailSchema } from "../gen/test/v1/passed_on_pb.js";
import { OwnDetailSchema, TestRequestSchema, TestService } from "../gen/test/v1/test_pb.js";

const own = "test.v1.OwnDetail";
const imported = "test.v1.ImportedDetail";
const passedOn = "test.v1.PassedOnDetail";
const hidden = "test.v1.HiddenDetail";
const quota = "google.rpc.QuotaFailure";

describe("a DetailRegistry", () => {
  test("without types is empty", () => {
    expect(new DetailRegistry().get(quota)).toBeUndefined();
  });

  test("accepts message schemas", () => {
    const registry = new DetailRegistry(OwnDetailSchema, HiddenDetailSchema);
    expect(registry.get(own)).toBe(OwnDetailSchema);
    expect(registry.get(hidden)).toBe(HiddenDetailSchema);
    expect(registry.get(imported)).toBeUndefined();
  });

  test("accepts all messages of a file, including nested ones", () => {
    const registry = new DetailRegistry(file_google_rpc_error_details);
    expect(registry.get(quota)).toBe(QuotaFailureSchema);
    expect(registry.get("google.rpc.QuotaFailure.Violation")).toBe(QuotaFailure_ViolationSchema);
  });

  test("accepts the messages of a protobuf-es registry", () => {
    const registry = new DetailRegistry(createRegistry(OwnDetailSchema, TestService, file_google_rpc_error_details));
    expect(registry.get(own)).toBe(OwnDetailSchema);
    expect(registry.get(quota)).toBe(QuotaFailureSchema);
    expect(registry.get("test.v1.TestService")).toBeUndefined();
  });

  test("accepts several types, and more of them later", () => {
    const registry = new DetailRegistry(OwnDetailSchema, file_test_v1_hidden);
    registry.add(createRegistry(ImportedDetailSchema), PassedOnDetailSchema);
    const schemas = [own, hidden, imported, passedOn].map((name) => registry.get(name));
    expect(schemas).toEqual([OwnDetailSchema, HiddenDetailSchema, ImportedDetailSchema, PassedOnDetailSchema]);
  });

  test("keeps the schema that was added last", () => {
    const other = messageOf(descFiles({ name: "o.proto", package: "test.v1", messageType: [{ name: "OwnDetail" }] }));
    const registry = new DetailRegistry(OwnDetailSchema);
    registry.add(other);
    expect(registry.get(own)).toBe(other);
  });

  test.for(["", "google.rpc", "QuotaFailure", "constructor", "__proto__"])("has no type %j", (typeName) => {
    expect(new DetailRegistry(file_google_rpc_error_details).get(typeName)).toBeUndefined();
  });
});

describe("the schemas of a call", () => {
  test.for<[title: string, registry: DetailRegistry | undefined, typeName: string, schema: DescMessage | undefined]>([
    ["google.rpc by default", undefined, quota, QuotaFailureSchema],
    ["the types in its registry", new DetailRegistry(HiddenDetailSchema), hidden, HiddenDetailSchema],
    ["no google.rpc if a registry replaces the default one", new DetailRegistry(), quota, undefined],
    ["the service's own file", undefined, own, OwnDetailSchema],
    ["the service's own file even with a registry", new DetailRegistry(), own, OwnDetailSchema],
    ["messages that are also requests", undefined, "test.v1.TestRequest", TestRequestSchema],
    ["imported files", undefined, imported, ImportedDetailSchema],
    ["imported files even with a registry", new DetailRegistry(), imported, ImportedDetailSchema],
    ["files that imported files import publicly", undefined, passedOn, PassedOnDetailSchema],
    ["no files that imported files import privately", undefined, hidden, undefined],
    ["no types that do not exist", undefined, "test.v1.Nothing", undefined],
  ])("include %s", ([, registry, typeName, schema]) => {
    expect(detailSchemas(registry, TestService)(typeName)).toBe(schema);
  });

  test("come from the registry before the service's files", () => {
    const other = messageOf(descFiles({ name: "o.proto", package: "test.v1", messageType: [{ name: "OwnDetail" }] }));
    expect(detailSchemas(new DetailRegistry(other), TestService)(own)).toBe(other);
  });

  test("include what is added to the registry during the call", () => {
    const registry = new DetailRegistry();
    const find = detailSchemas(registry, TestService);
    expect(find(hidden)).toBeUndefined();
    registry.add(HiddenDetailSchema);
    expect(find(hidden)).toBe(HiddenDetailSchema);
  });

  test("include public imports of public imports, at any position among the imports", () => {
    const files = descFiles(
      { name: "private.proto", messageType: [{ name: "Private" }] },
      { name: "deep.proto", messageType: [{ name: "Deep", nestedType: [{ name: "Nested" }] }] },
      { name: "middle.proto", dependency: ["private.proto", "deep.proto"], publicDependency: [1] },
      { name: "first.proto", dependency: ["private.proto", "middle.proto"], publicDependency: [1] },
      {
        name: "service.proto",
        dependency: ["first.proto"],
        messageType: [{ name: "M" }],
        service: [{ name: "S", method: [{ name: "Do", inputType: ".M", outputType: ".M" }] }],
      },
    );
    const find = detailSchemas(undefined, serviceOf(files.get("service.proto")));
    expect(find("Deep")?.typeName).toBe("Deep");
    expect(find("Deep.Nested")?.typeName).toBe("Deep.Nested");
    expect(find("Private")).toBeUndefined();
  });
});

describe("registerDetails()", () => {
  test("adds to the default registry only", async () => {
    vi.resetModules();
    const fresh = await import("../../src/errors/detail-registry.js");
    const byDefault = fresh.detailSchemas(undefined, TestService);
    expect(byDefault(hidden)).toBeUndefined();
    fresh.registerDetails(file_test_v1_hidden);
    expect(byDefault(hidden)).toBe(HiddenDetailSchema);
    expect(byDefault(quota)?.typeName).toBe(quota);
    expect(fresh.detailSchemas(new fresh.DetailRegistry(), TestService)(hidden)).toBeUndefined();
    expect(fresh.schemasOf(undefined)(hidden)).toBe(HiddenDetailSchema);
  });

  test("adds to the default registry of all copies of the package, but does not replace their google.rpc", async () => {
    const [first, second] = [await freshCopy(), await freshCopy()];
    expect(first.registerDetails).not.toBe(second.registerDetails);
    first.registerDetails(TimestampSchema);
    for (const copy of [first, second]) {
      expect(copy.schemasOf(undefined)(TimestampSchema.typeName)?.typeName).toBe(TimestampSchema.typeName);
    }
    // Each copy has its own google.rpc, which may be of different versions.
    expect(first.schemasOf(undefined)(quota)).not.toBe(second.schemasOf(undefined)(quota));
  });

  test("accepts several types at once", () => {
    expect(schemasOf(undefined)(imported)).toBeUndefined();
    registerDetails(ImportedDetailSchema, createRegistry(PassedOnDetailSchema));
    expect(schemasOf(undefined)(imported)).toBe(ImportedDetailSchema);
    expect(schemasOf(undefined)(passedOn)).toBe(PassedOnDetailSchema);
    expect(schemasOf(undefined)("google.rpc.ErrorInfo")).toBe(ErrorInfoSchema);
  });
});

function freshCopy() {
  vi.resetModules();
  return import("../../src/errors/detail-registry.js");
}

function messageOf(files: ReadonlyMap<string, DescFile>): DescMessage {
  const [message] = [...files.values()].flatMap((file) => file.messages);
  if (message === undefined) throw new Error("The file has no message");
  return message;
}

function serviceOf(file: DescFile | undefined): DescService {
  const [service] = file?.services ?? [];
  if (service === undefined) throw new Error("The file has no service");
  return service;
}
