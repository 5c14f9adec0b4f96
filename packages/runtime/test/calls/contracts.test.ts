import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { BadRequestSchema } from "../../src/error-details.js";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { DetailRegistry, detail, GRPCError, Status } from "../../src/index.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { collect, openChannel, rejection, startServer } from "../harness.js";
import { call, handleAll, kinds, testService } from "./kinds.js";

type Declared = MethodErrors<GRPCError> & { HIDDEN: (message: string, data: object) => GRPCError };

/** As generated code for a service whose methods all declare the same error. */
const declared = { HIDDEN: { status: Status.ABORTED, details: { hiddenDetail: HiddenDetailSchema } } };
const errors = {
  Unary: methodErrors<Declared>(TestService.method.unary, declared),
  ServerStream: methodErrors<Declared>(TestService.method.serverStream, declared),
  ClientStream: methodErrors<Declared>(TestService.method.clientStream, declared),
  Bidi: methodErrors<Declared>(TestService.method.bidi, declared),
};

/** A stub with these contracts, connected to a server whose handlers all throw this error. */
async function startWith(error: () => unknown, options = {}, contracts: "report" | "off" = "report") {
  const service = testService(
    handleAll(() => {
      throw error();
    }),
  );
  const { address } = await startServer({}, { services: [Object.assign(service, { $errors: errors })], contracts });
  const channel = openChannel(address, options);
  const stub = new TestServiceStub(channel);
  bindStub(stub, channel, TestService, errors);
  return stub;
}

const hidden = () => errors.Unary.HIDDEN("hidden", { hiddenDetail: { text: "found" } });

describe("an error that the method declares", () => {
  test.for(kinds)("%s: arrives with its kind and data, and is() recognizes it", async (kind) => {
    const stub = await startWith(hidden);
    const error = await rejection(call(stub, kind));
    expect(error).toMatchObject({
      status: Status.ABORTED,
      message: "hidden",
      kind: "HIDDEN",
      data: { hiddenDetail: { $typeName: "test.v1.HiddenDetail", text: "found" } },
    });
    expect(stub[kind].errors.is(error)).toBe(true);
  });

  test("is recognized even with an empty registry", async () => {
    const stub = await startWith(hidden, { registry: new DetailRegistry() });
    expect(await rejection(stub.unary({}))).toMatchObject({
      kind: "HIDDEN",
      details: [{ $typeName: "test.v1.HiddenDetail" }],
    });
  });

  test("is not recognized by is() of another method", async () => {
    const stub = await startWith(hidden);
    expect(stub.bidi.errors.is(await rejection(stub.unary({})))).toBe(false);
  });
});

describe("an error that the method does not declare", () => {
  test("arrives unchanged, without a kind", async () => {
    const other = () => new GRPCError(Status.ABORTED, "other", [detail(BadRequestSchema)]);
    const stub = await startWith(other, {}, "off");
    const error = await rejection(stub.unary({}));
    expect(error).toMatchObject({
      kind: undefined,
      data: undefined,
      details: [{ $typeName: "google.rpc.BadRequest" }],
    });
    expect(stub.unary.errors.is(error)).toBe(false);
  });

  test("includes a failure that the runtime detects, even with a status that the contract declares", async () => {
    const { address } = await startServer({});
    const channel = openChannel(address);
    const stub = new TestServiceStub(channel);
    const cancelled = methodErrors<Declared>(TestService.method.unary, { CANCELLED: { status: Status.CANCELLED } });
    bindStub(stub, channel, TestService, { Unary: cancelled });
    expect(await rejection(stub.unary({}, { signal: AbortSignal.abort() }))).toMatchObject({
      status: Status.CANCELLED,
      kind: undefined,
    });
  });
});

describe("safe()", () => {
  test.for(["unary", "clientStream"] as const)("%s: a success is a value", async (kind) => {
    const { address } = await startServer(handleAll(() => ({ text: "fine" })));
    const stub = new TestServiceStub(openChannel(address));
    const result = kind === "unary" ? await stub.unary.safe({}) : await stub.clientStream.safe([{}]);
    expect(result).toMatchObject({ ok: true, value: { text: "fine" } });
  });

  test.for(["unary", "clientStream"] as const)("%s: a GRPCError is a value", async (kind) => {
    const stub = await startWith(hidden);
    const result = kind === "unary" ? await stub.unary.safe({}) : await stub.clientStream.safe([{}]);
    expect(result).toMatchObject({ ok: false, error: { kind: "HIDDEN" } });
  });

  test("an error that is not a GRPCError is thrown", async () => {
    const stub = await startWith(hidden);
    expect(await rejection(stub.unary.safe({}, { timeout: Number.NaN }))).toBeInstanceOf(TypeError);
  });

  test("streaming methods do not have it: the error is thrown in the loop", async () => {
    const stub = await startWith(hidden);
    expect(stub.serverStream).not.toHaveProperty("safe");
    expect(stub.serverStream.errors.is(await rejection(collect(stub.serverStream({}))))).toBe(true);
  });
});
