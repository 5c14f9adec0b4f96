import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { ResourceInfoSchema } from "../../src/error-details.js";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { type SharedErrors, sharedErrors } from "../../src/errors/shared-errors.js";
import { type ClientInterceptor, detail, GRPCError, mapErrors, retry, Status } from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { openChannel, rejection, startServer, type TestServerOptions } from "../harness.js";
import { call, handleAll, type Kind, kinds, testService } from "./kinds.js";

// Errors that a file declares for several services, as the methods that declare them and as others see them.

type Factory = (message: string, data?: object, options?: object) => GRPCError;
type Api<K extends string> = Record<K, Factory>;

/** As generated code for two files. Both declare GONE, with another reason. */
const common = sharedErrors<SharedErrors<GRPCError> & Api<"TOKEN_EXPIRED" | "GONE" | "BUSY">>("common.v1", {
  TOKEN_EXPIRED: { status: Status.UNAUTHENTICATED, reason: "TOKEN_EXPIRED", domain: "example.com" },
  GONE: { status: Status.NOT_FOUND, details: { resourceInfo: ResourceInfoSchema } },
  BUSY: { status: Status.ABORTED, reason: "BUSY", domain: "example.com", retryable: true },
});
const rooted = sharedErrors<SharedErrors<GRPCError> & Api<"GONE">>("", {
  GONE: { status: Status.NOT_FOUND, reason: "GONE", domain: "example.com" },
});
const { TOKEN_EXPIRED, GONE, BUSY } = common;

const methods = {
  unary: TestService.method.unary,
  serverStream: TestService.method.serverStream,
  clientStream: TestService.method.clientStream,
  bidi: TestService.method.bidi,
};

/** As generated code: all methods but Bidi declare shared errors. */
const errors = {
  Unary: methodErrors<MethodErrors<GRPCError> & Api<"TOKEN_EXPIRED" | "GONE" | "BUSY" | "OWN">>(methods.unary, {
    OWN: { status: Status.UNAUTHENTICATED },
    TOKEN_EXPIRED,
    GONE,
    BUSY,
  }),
  ServerStream: methodErrors<MethodErrors<GRPCError> & Api<"TOKEN_EXPIRED" | "BUSY">>(methods.serverStream, {
    TOKEN_EXPIRED,
    BUSY,
  }),
  ClientStream: methodErrors<MethodErrors<GRPCError> & Api<"GONE">>(methods.clientStream, { GONE: rooted.GONE }),
};
const is = (error: unknown) => ({
  common: common.is(error),
  rooted: rooted.is(error),
  unary: errors.Unary.is(error),
  serverStream: errors.ServerStream.is(error),
  clientStream: errors.ClientStream.is(error),
});
const isNone = { common: false, rooted: false, unary: false, serverStream: false, clientStream: false };
const isTokenExpired = { ...isNone, common: true, unary: true, serverStream: true };
const isGone = { ...isNone, common: true, unary: true };

/** A stub of a server whose handlers all throw this error, both with these contracts. */
async function start(makeError: () => unknown, options: TestServerOptions = {}) {
  let calls = 0;
  const service = testService(
    handleAll(async () => {
      calls += 1;
      throw await makeError();
    }),
  );
  const services = [Object.assign(service, { $errors: errors })];
  const { address, reports } = await startServer({}, { services, ...options });
  return { stub: stubOf(address), address, reports, calls: () => calls };
}

function stubOf(address: string, options: ChannelOptions = {}): TestServiceStub {
  const channel = openChannel(address, options);
  const stub = new TestServiceStub(channel);
  bindStub(stub, channel, TestService, errors);
  return stub;
}

const received = async (kind: Kind, makeError: () => unknown): Promise<GRPCError> =>
  (await rejection(call((await start(makeError)).stub, kind))) as GRPCError;

test("a method has the functions of the shared errors themselves", () => {
  expect(errors.Unary.TOKEN_EXPIRED).toBe(TOKEN_EXPIRED);
  expect(errors.ServerStream.TOKEN_EXPIRED).toBe(TOKEN_EXPIRED);
});

describe("a shared error is recognised by its declaration and by every method that declares it", () => {
  const gone = () => GONE("gone", { resourceInfo: { resourceName: "emma" } });

  test("when a function has created it", () => {
    expect(TOKEN_EXPIRED("log in")).toMatchObject({ kind: "TOKEN_EXPIRED", declaredBy: "common.v1.TOKEN_EXPIRED" });
    expect(is(TOKEN_EXPIRED("log in"))).toEqual(isTokenExpired);
    expect(is(gone())).toEqual(isGone);
    expect(is(rooted.GONE(""))).toEqual({ ...isNone, rooted: true, clientStream: true });
    expect(rooted.GONE("").declaredBy).toBe("GONE");
  });

  test.for(["unary", "serverStream"] as const)("when %s has raised it", async (kind) => {
    const error = await received(kind, () => TOKEN_EXPIRED("log in"));
    expect(error).toMatchObject({
      kind: "TOKEN_EXPIRED",
      declaredBy: "common.v1.TOKEN_EXPIRED",
      method: `/test.v1.TestService/${methods[kind].name}`,
      data: { errorInfo: { reason: "TOKEN_EXPIRED", domain: "example.com" } },
    });
    expect(is(error)).toEqual(isTokenExpired);
  });

  test("when it comes from a server that has created it without the contract", async () => {
    const error = await received("unary", () => new GRPCError(Status.NOT_FOUND, "", [detail(ResourceInfoSchema)]));
    expect([error.kind, is(error)]).toEqual(["GONE", isGone]);
  });

  test("after it was converted to JSON and back", () => {
    const restored = GRPCError.fromJSON(JSON.parse(JSON.stringify(gone())));
    expect(restored.data).toBeUndefined();
    expect(is(restored)).toEqual(isGone);
    expect(restored.data).toMatchObject({ resourceInfo: { resourceName: "emma" } });
  });

  test.for<[first: string, is: (error: unknown) => boolean]>([
    ["the declaration", common.is],
    ["a method", errors.Unary.is],
  ])("after relay(), if %s is asked first", async ([, isFirst]) => {
    const relayed = (await received("unary", gone)).relay();
    expect(relayed.kind).toBeUndefined();
    expect(isFirst(relayed)).toBe(true);
    expect([relayed.kind, is(relayed)]).toEqual(["GONE", isGone]);
  });
});

test("an error that the method does not declare is not a shared error", async () => {
  const { stub, reports } = await start(() => TOKEN_EXPIRED("log in"));
  for (const kind of ["clientStream", "bidi"] as const) {
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect([error.status, error.kind, is(error)]).toEqual([Status.UNAUTHENTICATED, undefined, isNone]);
    expect(String(reports.take()[0]?.error)).toContain(
      `/test.v1.TestService/${methods[kind].name} failed with TOKEN_EXPIRED, but its clients get an error without a kind: ` +
        'it does not declare this shared error. Declare it with shared: "common.v1.TOKEN_EXPIRED", or throw an error ' +
        "that it declares.",
    );
  }
});

test("a shared error is not reported if the method declares it, unless it lacks a required detail", async () => {
  const complete = await start(() => TOKEN_EXPIRED("log in"));
  await rejection(complete.stub.unary({}));
  expect(complete.reports.take()).toEqual([]);
  const incomplete = await start(() => GONE("gone"));
  await rejection(incomplete.stub.unary({}));
  expect(String(incomplete.reports.take()[0]?.error)).toContain(
    "it lacks required details. Pass them to the function that creates the error: resourceInfo (google.rpc.ResourceInfo).",
  );
});

test("mapErrors() for a method may return a shared error, but is not for shared errors", async () => {
  class Expired extends Error {}
  const interceptors = [mapErrors([[Expired, () => TOKEN_EXPIRED("log in")]], { errors: errors.Unary })];
  const { stub, reports } = await start(() => new Expired(), { interceptors });
  expect(await rejection(stub.unary({}))).toMatchObject({ kind: "TOKEN_EXPIRED" });
  expect(reports.take()).toEqual([]);
  expect(() => mapErrors([[Expired, () => TOKEN_EXPIRED("log in")]], { errors: common })).toThrow(
    "errors takes the errors that a method declares",
  );
});

describe("a shared error that is declared as retryable", () => {
  test("is retried if the method declares it", async () => {
    const { stub, reports, calls } = await start(() => (calls() < 3 ? BUSY("busy") : TOKEN_EXPIRED("log in")));
    expect(await rejection(stub.unary({}))).toMatchObject({ kind: "TOKEN_EXPIRED" });
    expect([calls(), reports.take()]).toEqual([3, []]);
  });

  test("is not retried if an interceptor got it from a call of another method", async () => {
    const { stub, address } = await start(() => BUSY("busy"));
    const busy = await rejection(stub.unary({}));
    let attempts = 0;
    const failing: ClientInterceptor = () => {
      attempts += 1;
      throw busy;
    };
    const attemptsOf = async (kind: Kind) => {
      attempts = 0;
      const interceptors = [retry({ maxAttempts: 2, initialBackoff: 1 }), failing];
      expect(await rejection(call(stubOf(address, { interceptors }), kind))).toMatchObject({ kind: "BUSY" });
      return attempts;
    };
    expect(await attemptsOf("serverStream")).toBe(1);
    expect(await attemptsOf("unary")).toBe(2);
  });
});

test("all kinds of methods are covered", () => {
  expect(Object.keys(methods)).toEqual(kinds);
});
