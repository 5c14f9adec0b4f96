import { create, createFileRegistry, type DescService, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_descriptor,
} from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { type BidiStreamingMethod, bindStub } from "../../src/codegen.js";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from "../../src/gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../../src/gen/grpc/reflection/v1alpha/reflection_pb.js";
import { HealthService } from "../../src/health.js";
import { Status, type Transport } from "../../src/index.js";
import { Server } from "../../src/node.js";
import { type ReflectionOptions, reflection } from "../../src/reflection.js";
import { testService } from "../calls/kinds.js";
import { collect, openChannel, rejection, startServer } from "../harness.js";

type Question = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]>;

class ReflectionStub {
  readonly serverReflectionInfo!: BidiStreamingMethod<ServerReflectionRequest, ServerReflectionResponse>;

  constructor(channel: Transport, desc: DescService) {
    bindStub(this, channel, desc);
  }
}

/** Starts a server, and returns a function that asks it questions in one call. */
async function startReflection(desc: DescService = ServerReflection, options?: ReflectionOptions) {
  const services = [testService({}), ...reflection(options), new HealthService()];
  const { address } = await startServer({}, { services });
  const stub = new ReflectionStub(openChannel(address), desc);
  return async (...questions: Question[]) => {
    const requests = questions.map((messageRequest) => ({ host: "here", messageRequest }));
    return await collect(stub.serverReflectionInfo(requests));
  };
}

function filesIn(response: ServerReflectionResponse | undefined) {
  const { messageResponse } = response ?? {};
  if (messageResponse?.case !== "fileDescriptorResponse") {
    throw new Error(`The response is ${messageResponse?.case}`);
  }
  return messageResponse.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

const errorOf = (response: ServerReflectionResponse | undefined) =>
  response?.messageResponse.case === "errorResponse" ? response.messageResponse.value : undefined;

test.for([ServerReflection, ServerReflectionAlpha])("$typeName lists all services in order", async (desc) => {
  const ask = await startReflection(desc);
  const [response] = await ask({ case: "listServices", value: "" });
  expect(response).toMatchObject({ validHost: "here", originalRequest: { host: "here" } });
  expect(response?.messageResponse).toMatchObject({
    case: "listServicesResponse",
    value: {
      service: [
        { name: "grpc.health.v1.Health" },
        { name: "grpc.reflection.v1.ServerReflection" },
        { name: "grpc.reflection.v1alpha.ServerReflection" },
        { name: "test.v1.TestService" },
      ],
    },
  });
});

test("files come with all their imports, so that clients can load them", async () => {
  const ask = await startReflection();
  const [response] = await ask({ case: "fileContainingSymbol", value: "test.v1.TestService" });
  const files = filesIn(response);
  expect(files[0]?.name).toBe("test/v1/test.proto");
  const [first] = files;
  if (first === undefined) throw new Error("There is no file");
  const registry = createFileRegistry(first, (path) => files.find(({ name }) => name === path));
  const service = registry.getService("test.v1.TestService");
  expect(service?.methods.map(({ name }) => name)).toEqual(testService({}).$service.methods.map(({ name }) => name));
});

test("a file is found by its name, and by each symbol that it declares", async () => {
  const ask = await startReflection();
  const symbols = [
    "grpc.health.v1.Health",
    "grpc.health.v1.Health.Check",
    "grpc.health.v1.HealthCheckRequest",
    "grpc.health.v1.HealthCheckRequest.service",
    "grpc.health.v1.HealthCheckResponse.ServingStatus",
    "grpc.health.v1.HealthCheckResponse.NOT_SERVING",
    "grpc.health.v1.HealthListResponse.StatusesEntry",
  ];
  const responses = await ask(
    { case: "fileByFilename", value: "grpc/health/v1/health.proto" },
    ...symbols.map((value): Question => ({ case: "fileContainingSymbol", value })),
  );
  expect(responses.map((response) => filesIn(response)[0]?.name)).toEqual(
    Array.from({ length: symbols.length + 1 }, () => "grpc/health/v1/health.proto"),
  );
  const [oneof] = await ask({
    case: "fileContainingSymbol",
    value: "grpc.reflection.v1.ServerReflectionRequest.message_request",
  });
  expect(filesIn(oneof)[0]?.name).toBe("grpc/reflection/v1/reflection.proto");
});

test("imports are sent once in a call", async () => {
  const ask = await startReflection();
  const options = "google.protobuf.MethodOptions";
  const file: Question = { case: "fileContainingSymbol", value: "grpclib.v1.errors" };
  const [first, second] = await ask(file, file);
  expect(filesIn(first).map(({ name }) => name)).toEqual([
    "grpclib/v1/errors.proto",
    "google/protobuf/descriptor.proto",
  ]);
  expect(filesIn(second).map(({ name }) => name)).toEqual(["grpclib/v1/errors.proto"]);
  const [alone] = await ask({ case: "fileContainingSymbol", value: options });
  expect(filesIn(alone).map(({ name }) => name)).toEqual(["google/protobuf/descriptor.proto"]);
});

test("extensions are found by the message that they extend", async () => {
  const ask = await startReflection();
  const containingType = "google.protobuf.MethodOptions";
  const [file, unknown, numbers, none] = await ask(
    { case: "fileContainingExtension", value: { containingType, extensionNumber: 81930 } },
    { case: "fileContainingExtension", value: { containingType, extensionNumber: 1 } },
    { case: "allExtensionNumbersOfType", value: containingType },
    { case: "allExtensionNumbersOfType", value: "grpc.health.v1.HealthCheckRequest" },
  );
  expect(filesIn(file)[0]?.name).toBe("grpclib/v1/errors.proto");
  expect(errorOf(unknown)).toMatchObject({
    errorCode: Status.NOT_FOUND,
    errorMessage: `There is no extension 1 of ${containingType}`,
  });
  expect(numbers?.messageResponse.value).toMatchObject({ baseTypeName: containingType, extensionNumber: [81930] });
  expect(none?.messageResponse.value).toMatchObject({ extensionNumber: [] });
});

test("the types of details are known: google.rpc, and files that are passed", async () => {
  const ask = await startReflection();
  const responses = await ask(
    { case: "fileContainingSymbol", value: "google.rpc.ErrorInfo" },
    { case: "fileContainingSymbol", value: "google.rpc.Status" },
  );
  expect(responses.map((response) => filesIn(response)[0]?.name)).toEqual([
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
  ]);
  const other = createFileRegistry(
    create(FileDescriptorSetSchema, {
      file: [{ name: "other.proto", package: "other", messageType: [{ name: "Conflict" }] }],
    }),
  ).getFile("other.proto");
  const askOther = await startReflection(ServerReflection, { files: other === undefined ? [] : [other] });
  const [response] = await askOther({ case: "fileContainingSymbol", value: "other.Conflict" });
  expect(filesIn(response).map(({ name }) => name)).toEqual(["other.proto"]);
});

test("a symbol is served from one file only, the user's own", async () => {
  const copy = createFileRegistry(
    create(FileDescriptorSetSchema, {
      file: [{ name: "third_party/details.proto", package: "google.rpc", messageType: [{ name: "ErrorInfo" }] }],
    }),
  ).getFile("third_party/details.proto");
  const ask = await startReflection(ServerReflection, { files: copy === undefined ? [] : [copy] });
  const [response, others] = await ask(
    { case: "fileContainingSymbol", value: "google.rpc.ErrorInfo" },
    { case: "fileByFilename", value: "google/rpc/error_details.proto" },
  );
  expect(filesIn(response)[0]?.name).toBe("third_party/details.proto");
  expect(errorOf(others)?.errorCode).toBe(Status.NOT_FOUND);
});

test.for<Question>([
  { case: "fileByFilename", value: "no/such/file.proto" },
  { case: "fileContainingSymbol", value: "no.such.Symbol" },
  { case: "fileContainingSymbol", value: "" },
  { case: "fileContainingSymbol", value: "__proto__" },
  { case: "fileContainingExtension", value: { containingType: "no.such.Message", extensionNumber: 1 } },
  { case: "allExtensionNumbersOfType", value: "no.such.Message" },
])("$case of $value is an answer with NOT_FOUND, and the call goes on", async (question) => {
  const ask = await startReflection();
  const [response, next] = await ask(question, { case: "listServices", value: "" });
  expect(errorOf(response)?.errorCode).toBe(Status.NOT_FOUND);
  expect(errorOf(response)?.errorMessage).toMatch(/^There is no /);
  expect(next?.messageResponse.case).toBe("listServicesResponse");
});

test("a request for nothing that is known ends the call with INVALID_ARGUMENT", async () => {
  const ask = await startReflection();
  expect(await rejection(ask({ case: undefined }))).toMatchObject({
    status: Status.INVALID_ARGUMENT,
    message: "The request asks for nothing that this server knows",
  });
});

test("a second server, and options that do not exist, are refused", async () => {
  const services = reflection();
  await using _ = new Server(services);
  expect(() => new Server(services)).toThrow(
    new TypeError("reflection() is for one server only. Call it again for another one."),
  );
  expect(() => reflection({ file: [] } as ReflectionOptions)).toThrow(
    new TypeError('reflection() has no option "file". It has files.'),
  );
});

test("well-known types that are built into protobuf-es can be loaded, too", async () => {
  const ask = await startReflection();
  const [response] = await ask({ case: "fileByFilename", value: file_google_protobuf_descriptor.proto.name });
  expect(filesIn(response)).toHaveLength(1);
});
