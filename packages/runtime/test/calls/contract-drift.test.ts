import { afterEach, describe, expect, test, vi } from "vitest";
import { ErrorInfoSchema } from "../../src/error-details.js";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { detail, GRPCError, mapErrors, type ServerContext, type ServerInterceptor, Status } from "../../src/index.js";
import { Server, type ServerOptions } from "../../src/node.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { openChannel, type Reports, rejection, startServer } from "../harness.js";
import { call, handleAll, type Kind, kinds, testService } from "./kinds.js";

// Errors that do not keep the contract of their method, and the server's option `contracts`.

type Factories = MethodErrors<GRPCError> &
  Record<"GONE" | "HIDDEN", (message: string, data?: object, options?: object) => GRPCError>;

const declared = {
  GONE: { status: Status.NOT_FOUND, reason: "GONE", domain: "test.v1", metadata: ["where"] },
  HIDDEN: { status: Status.ABORTED, details: { hiddenDetail: HiddenDetailSchema } },
};
const rpcs = { unary: "Unary", serverStream: "ServerStream", clientStream: "ClientStream", bidi: "Bidi" } as const;
const contractOf = (kind: Kind) => methodErrors<Factories>(TestService.method[kind], declared);
const { GONE } = contractOf("unary");
const errors = Object.fromEntries(kinds.map((kind) => [rpcs[kind], contractOf(kind)]));

const unary = "/test.v1.TestService/Unary";
const noKind = "but its clients get an error without a kind:";
const all = "GONE, HIDDEN.";
const info = (reason: string, domain: string) => detail(ErrorInfoSchema, { reason, domain });

/** Starts a server whose handlers all do this, and a stub that knows no contracts. */
async function start(handler: (context: ServerContext) => unknown, options: ServerOptions = {}) {
  const handlers = handleAll(async (context) => (await handler(context)) as object);
  const services = [Object.assign(testService(handlers), { $errors: errors })];
  const { address, reports } = await startServer({}, { ...options, services });
  return { stub: new TestServiceStub(openChannel(address)), reports };
}

const throwing = (make: () => unknown, options?: ServerOptions) =>
  start(() => {
    throw make();
  }, options);

const texts = (reports: Reports) => reports.take().map(({ error }) => (error as Error).message);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("an error that does not keep the contract is reported, and sent unchanged:", () => {
  test.for<[title: string, make: () => GRPCError, report: string]>([
    [
      "a status that is not declared",
      () => new GRPCError(Status.DATA_LOSS, "burnt"),
      `failed with DATA_LOSS, ${noKind} it does not declare this status. Declare it with option ` +
        `(grpclib.v1.errors), or throw an error that the method declares: ${all}`,
    ],
    [
      "a declared status without the reason",
      () => new GRPCError(Status.NOT_FOUND, "gone"),
      `failed with NOT_FOUND, ${noKind} it lacks what makes it GONE. Create it with the function of the contract, or ` +
        "declare another error.",
    ],
    [
      "a declared reason with another status",
      () => new GRPCError(Status.UNAVAILABLE, "gone", [info("GONE", "test.v1")]),
      `failed with UNAVAILABLE (reason GONE), ${noKind} its status or its ErrorInfo differs from what it declares.`,
    ],
    [
      "a declared reason with another domain",
      () => new GRPCError(Status.NOT_FOUND, "gone", [info("GONE", "other.v1")]),
      `failed with NOT_FOUND (reason GONE), ${noKind} it declares this reason with the domain test.v1, not other.v1. ` +
        "Create it with the function of the contract, or declare another error.",
    ],
    [
      "another reason with the domain of the contract, even with a status that any call can fail with",
      () => new GRPCError(Status.UNAVAILABLE, "full", [info("FULL", "test.v1")]),
      `failed with UNAVAILABLE (reason FULL), ${noKind} its domain is that of the contract, which does not declare ` +
        `this reason. Declare it with option (grpclib.v1.errors), or throw an error that the method declares: ${all}`,
    ],
    [
      "without declared metadata",
      () => GONE("gone", { metadata: { whence: "here" } }),
      "failed with GONE, but its clients get empty metadata: it lacks declared keys. Pass them to the function that " +
        "creates the error: where.",
    ],
  ])("%s", async ([, make, report]) => {
    const { stub, reports } = await throwing(make);
    const { status, message, details } = make();
    expect(await rejection(stub.unary({}))).toMatchObject({ status, message, ...(details && { details }) });
    expect(reports.take()).toMatchObject([{ error: { message: `${unary} ${report}`, cause: { status, message } } }]);
  });

  test.for(kinds)("in a call of the kind %s", async (kind) => {
    const { stub, reports } = await throwing(() => new GRPCError(Status.DATA_LOSS, "burnt"));
    expect(await rejection(call(stub, kind))).toMatchObject({ message: "burnt" });
    expect(texts(reports)).toEqual([expect.stringContaining(`${rpcs[kind]} failed with DATA_LOSS`)]);
  });

  test("of another server, which relayErrors passes on", async () => {
    const upstream = await throwing(() => new GRPCError(Status.DATA_LOSS, "burnt"), { contracts: "off" });
    const { stub, reports } = await start(() => upstream.stub.unary({}), { relayErrors: true });
    expect(await rejection(stub.unary({}))).toMatchObject({ message: "burnt" });
    expect(texts(reports)).toEqual([expect.stringContaining("failed with DATA_LOSS")]);
  });

  test("sent with sendTrailingMetadata()", async () => {
    const { address, reports } = await startServer(
      {},
      {
        services: [
          Object.assign(
            testService({
              unary: (_, context) => context.sendTrailingMetadata({ status: Status.DATA_LOSS, message: "burnt" }),
            }),
            { $errors: errors },
          ),
        ],
      },
    );
    const stub = new TestServiceStub(openChannel(address));
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.DATA_LOSS, message: "burnt" });
    expect(texts(reports)).toEqual([expect.stringContaining("failed with DATA_LOSS")]);
  });
});

describe("no report of", () => {
  test.for<[title: string, make: () => unknown]>([
    ["a declared error", () => GONE("gone", { metadata: { where: "here" } })],
    [
      "a declared error that was created by hand",
      () => new GRPCError(Status.ABORTED, "", [detail(HiddenDetailSchema)]),
    ],
    ...(["CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE"] as const).map(
      (name): [string, () => unknown] => [`${name}, which any call can fail with`, () => new GRPCError(Status[name])],
    ),
  ])("%s", async ([, make]) => {
    const { stub, reports } = await throwing(make, { contracts: "enforce" });
    const { status } = make() as GRPCError;
    expect(await rejection(stub.unary({}))).toMatchObject({ status });
    expect(reports.take()).toEqual([]);
  });

  test("the deadline", async () => {
    const { stub, reports } = await start(
      (context) =>
        new Promise((_, reject) => {
          context.signal.addEventListener("abort", () => reject(context.signal.reason));
        }),
      { contracts: "enforce" },
    );
    expect(await rejection(stub.unary({}, { timeout: 30 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(reports.take()).toEqual([]);
  });

  test("limits of the server", async () => {
    const { stub, reports } = await start(() => ({}), { contracts: "enforce", maxReceiveMessageBytes: 10 });
    expect(await rejection(stub.unary({ text: "x".repeat(20) }))).toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
    expect(reports.take()).toEqual([]);
  });

  test("exceptions, other than the exception", async () => {
    const { stub, reports } = await throwing(() => new Error("a bug"), { contracts: "enforce" });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
    expect(texts(reports)).toEqual(["a bug"]);
  });
});

describe("an interceptor", () => {
  const refuse =
    (make: () => GRPCError): ServerInterceptor =>
    async () => {
      throw make();
    };

  test("may refuse calls with a status that no method declares", async () => {
    const anonymous = () => new GRPCError(Status.UNAUTHENTICATED, "who?", [info("ANONYMOUS", "test.v1")]);
    const { stub, reports } = await start(() => ({}), { contracts: "enforce", interceptors: [refuse(anonymous)] });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAUTHENTICATED, message: "who?" });
    expect(reports.take()).toEqual([]);
  });

  test("may do so for a request", async () => {
    const check: ServerInterceptor = (call, next) => {
      call.onRequest(() => {
        throw new GRPCError(Status.OUT_OF_RANGE, "too long");
      });
      return next();
    };
    const { stub, reports } = await start(() => ({}), { contracts: "enforce", interceptors: [check] });
    for (const kind of kinds) expect(await rejection(call(stub, kind))).toMatchObject({ message: "too long" });
    expect(reports.take()).toEqual([]);
  });

  test("has to keep the contract with an error that claims to be declared", async () => {
    const gone = () => new GRPCError(Status.ABORTED, "gone", [info("GONE", "test.v1")]);
    const { stub, reports } = await start(() => ({}), { interceptors: [refuse(gone)] });
    await rejection(stub.unary({}));
    expect(texts(reports)).toEqual([expect.stringContaining("failed with ABORTED (reason GONE)")]);
  });

  test("answers for the handler once that has started, as mapErrors() does", async () => {
    class Burnt extends Error {}
    const mapping = mapErrors([[Burnt, () => new GRPCError(Status.DATA_LOSS, "burnt")]]);
    const { stub, reports } = await throwing(() => new Burnt(), { interceptors: [mapping] });
    expect(await rejection(stub.unary({}))).toMatchObject({ message: "burnt" });
    expect(texts(reports)).toEqual([expect.stringContaining("failed with DATA_LOSS")]);
  });

  test("learns what the client gets where contracts are enforced", async () => {
    const outcomes: unknown[] = [];
    const observe: ServerInterceptor = async (call, next) => {
      try {
        await next();
      } finally {
        const { status, message } = await call.outcome;
        outcomes.push({ status, message });
      }
    };
    const make = () => new GRPCError(Status.DATA_LOSS, "burnt");
    const { stub, reports } = await throwing(make, { contracts: "enforce", interceptors: [observe] });
    const { status, message } = (await rejection(stub.unary({}))) as GRPCError;
    expect(outcomes).toEqual([{ status, message }]);
    expect(texts(reports)).toHaveLength(1);
  });
});

describe("reports", () => {
  test("have one error of each kind and method", async () => {
    let make = () => new GRPCError(Status.DATA_LOSS);
    const { stub, reports } = await throwing(() => make());
    for (const _ of [1, 2, 3]) await rejection(stub.unary({}));
    await rejection(stub.clientStream([{}]));
    make = () => new GRPCError(Status.OUT_OF_RANGE);
    for (const _ of [1, 2]) await rejection(stub.unary({}));
    expect(texts(reports).map((text) => text.slice(0, text.indexOf(",")))).toEqual([
      `${unary} failed with DATA_LOSS`,
      "/test.v1.TestService/ClientStream failed with DATA_LOSS",
      `${unary} failed with OUT_OF_RANGE`,
    ]);
  });

  test("have at most 100 errors of a method, whatever their reasons are", async () => {
    let number = 0;
    const { stub, reports } = await throwing(() => {
      number += 1;
      return new GRPCError(Status.ABORTED, "", [info(`MADE_UP_${number}`, "test.v1")]);
    });
    for (let call = 0; call < 120; call += 1) await rejection(stub.unary({}));
    expect(texts(reports)).toHaveLength(100);
  });

  test("an error after the end of the call is always reported", async () => {
    const late = () => new GRPCError(Status.DATA_LOSS, "late");
    const service = testService({
      unary(_request, context) {
        context.sendTrailingMetadata({ status: Status.UNAVAILABLE });
        throw late();
      },
    });
    const { address, reports } = await startServer({}, { services: [Object.assign(service, { $errors: errors })] });
    const stub = new TestServiceStub(openChannel(address));
    for (const _ of [1, 2]) await rejection(stub.unary({}));
    expect((await reports.next()).error).toMatchObject({ cause: { message: "late" } });
    expect((await reports.next()).error).toMatchObject({ message: "late" });
  });
});

describe('contracts: "enforce"', () => {
  test.for(kinds)("%s: the client gets INTERNAL without details, and onError gets each error", async (kind) => {
    const make = () => new GRPCError(Status.DATA_LOSS, "a secret", [info("BURNT", "test.v1")]);
    const { stub, reports } = await throwing(make, { contracts: "enforce" });
    for (const _ of [1, 2]) {
      const error = await rejection(call(stub, kind));
      expect(error).toMatchObject({
        status: Status.INTERNAL,
        message: "The server does not keep the contract of this method",
        details: undefined,
      });
    }
    const cause = { status: Status.DATA_LOSS, message: "a secret" };
    const message = expect.stringContaining("but its clients get INTERNAL instead: its domain");
    expect(reports.take()).toMatchObject([{ error: { message, cause } }, { error: { message, cause } }]);
  });

  test("concerns sendTrailingMetadata(), too", async () => {
    const service = testService({
      unary: (_, context) => context.sendTrailingMetadata({ status: Status.DATA_LOSS, message: "burnt" }),
    });
    const services = [Object.assign(service, { $errors: errors })];
    const { address, reports } = await startServer({}, { services, contracts: "enforce" });
    const stub = new TestServiceStub(openChannel(address));
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.INTERNAL });
    expect(texts(reports)).toEqual([expect.stringContaining("get INTERNAL instead")]);
  });

  test("a method without a contract promises nothing, so its errors are sent unchanged", async () => {
    const service = testService({
      unary() {
        throw contractOf("bidi").GONE("gone", { metadata: { where: "here" } });
      },
    });
    const { address, reports } = await startServer({}, { services: [service], contracts: "enforce" });
    const stub = new TestServiceStub(openChannel(address));
    for (const _ of [1, 2]) expect(await rejection(stub.unary({}))).toMatchObject({ message: "gone" });
    expect(texts(reports)).toEqual([expect.stringContaining(`${noKind} only /test.v1.TestService/Bidi declares it`)]);
  });
});

describe("the default", () => {
  const burnt = () => new GRPCError(Status.DATA_LOSS, "burnt");
  test.for([
    ["production", 0],
    ["development", 1],
    [undefined, 1],
  ] as const)("with NODE_ENV=%s: %i reports", async ([environment, count]) => {
    vi.stubEnv("NODE_ENV", environment);
    const { stub, reports } = await throwing(burnt);
    expect(await rejection(stub.unary({}))).toMatchObject({ message: "burnt" });
    expect(texts(reports)).toHaveLength(count);
  });

  test("does not replace an option that is set", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const { stub, reports } = await throwing(burnt, { contracts: "enforce" });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.INTERNAL });
    expect(texts(reports)).toHaveLength(1);
  });

  test("any other value is refused", () => {
    const contracts = "on" as never;
    expect(() => new Server([], { contracts })).toThrow('contracts takes "report", "enforce" or "off", got on');
  });
});
