import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { ErrorInfoSchema } from "../../src/error-details.js";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { detail, GRPCError, Status } from "../../src/index.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { openChannel, rejection, startServer } from "../harness.js";
import { call, handleAll, type Kind, kinds, testService } from "./kinds.js";

// Errors that a contract declares, as the server that throws them sees them, and as its client does.

type Factories<K extends string> = MethodErrors<GRPCError> &
  Record<K, (message: string, data?: object, options?: object) => GRPCError>;

const details = { hiddenDetail: HiddenDetailSchema };
const hidden = { status: Status.ABORTED, details };
const reasoned = { status: Status.NOT_FOUND, reason: "GONE", domain: "test.v1" };

/** As generated code: each method declares HIDDEN by another name, and only Unary declares GONE. */
const errors = {
  Unary: methodErrors<Factories<"UNARY" | "GONE">>(TestService.method.unary, { UNARY: hidden, GONE: reasoned }),
  ServerStream: methodErrors<Factories<"SERVER">>(TestService.method.serverStream, { SERVER: hidden }),
  ClientStream: methodErrors<Factories<"CLIENT">>(TestService.method.clientStream, { CLIENT: hidden }),
  Bidi: methodErrors<Factories<"BIDI">>(TestService.method.bidi, { BIDI: hidden }),
};

/** A stub of a server whose handlers all throw this error, both with these contracts. */
async function start(makeError: () => unknown, declared: Partial<typeof errors> = errors) {
  const service = testService(
    handleAll(async () => {
      throw await makeError();
    }),
  );
  const services = [Object.assign(service, { $errors: declared })];
  const { address, reports } = await startServer({}, { services });
  const channel = openChannel(address);
  const stub = new TestServiceStub(channel);
  bindStub(stub, channel, TestService, declared);
  return { stub, reports };
}

const rpcs = { unary: "Unary", serverStream: "ServerStream", clientStream: "ClientStream", bidi: "Bidi" } as const;
const names = { unary: "UNARY", serverStream: "SERVER", clientStream: "CLIENT", bidi: "BIDI" } as const;
const hiddenOf: Record<Kind, () => GRPCError> = {
  unary: () => errors.Unary.UNARY("", { hiddenDetail: {} }),
  serverStream: () => errors.ServerStream.SERVER("", { hiddenDetail: {} }),
  clientStream: () => errors.ClientStream.CLIENT("", { hiddenDetail: {} }),
  bidi: () => errors.Bidi.BIDI("", { hiddenDetail: {} }),
};
const others = kinds.flatMap((kind) => kinds.filter((other) => other !== kind).map((other) => [kind, other] as const));

describe("relay() of a declared error", () => {
  test.for(others)("%s, which relays that of %s, decides for the gateway and for its client", async ([own, other]) => {
    const upstream = await start(() => hiddenOf[other]());
    const seen: unknown[] = [];
    const gateway = await start(async () => {
      const received = (await rejection(call(upstream.stub, other))) as GRPCError;
      const relayed = received.relay();
      const judge = (error: GRPCError) => [errors[rpcs[own]].is(error), errors[rpcs[other]].is(error), error.kind];
      seen.push(judge(received), judge(relayed), relayed.data);
      return relayed;
    });
    const error = (await rejection(call(gateway.stub, own))) as GRPCError;
    expect(seen).toEqual([[false, true, names[other]], [true, false, names[own]], error.data]);
    expect([errors[rpcs[own]].is(error), errors[rpcs[other]].is(error), error.kind]).toEqual([true, false, names[own]]);
  });

  test.for<[title: string, make: () => GRPCError, declared: boolean]>([
    ["an error that the method does not declare", () => new GRPCError(Status.DATA_LOSS, "other"), false],
    ["an error without a required detail", () => new GRPCError(Status.ABORTED, "moving"), false],
    ["an undeclared error that matches", () => new GRPCError(Status.ABORTED, "", [detail(HiddenDetailSchema)]), true],
    ["an error whose detail the upstream stub does not know", () => errors.Unary.UNARY("", { hiddenDetail: {} }), true],
  ])("%s: is() says the same on both", async ([, make, declared]) => {
    const upstream = await start(make, {});
    const seen: boolean[] = [];
    const gateway = await start(async () => {
      const relayed = ((await rejection(upstream.stub.unary({}))) as GRPCError).relay();
      seen.push(errors.Unary.is(relayed));
      return relayed;
    });
    const error = await rejection(gateway.stub.unary({}));
    expect([...seen, errors.Unary.is(error)]).toEqual([declared, declared]);
    upstream.reports.take();
    // The gateway's own contract does not declare what it passes on.
    expect(gateway.reports.take()).toHaveLength(declared ? 0 : 1);
  });

  test("a failure of the outgoing call: is() says the same on both", async () => {
    const cancelled = { Unary: methodErrors<Factories<"LATE">>(TestService.method.unary, { LATE: { status: 1 } }) };
    const upstream = await start(() => new Error("never called"));
    const seen: boolean[] = [];
    const declared = cancelled as never as typeof errors;
    const gateway = await start(async () => {
      const options = { signal: AbortSignal.abort() };
      const relayed = ((await rejection(upstream.stub.unary({}, options))) as GRPCError).relay();
      seen.push(cancelled.Unary.is(relayed));
      return relayed;
    }, declared);
    seen.push(cancelled.Unary.is(await rejection(gateway.stub.unary({}))));
    expect(seen).toEqual([true, true]);
  });

  test("an error that a handler made itself is not relayed, even with a cause", () => {
    const cause = new GRPCError(Status.ABORTED, "", [detail(HiddenDetailSchema)], { origin: "peer" });
    const own = new GRPCError(Status.ABORTED, "", [detail(HiddenDetailSchema)], { cause });
    expect([errors.Unary.is(own), own.kind]).toEqual([false, undefined]);
  });
});

describe("a declared error that clients cannot recognise is sent unchanged, and reported", () => {
  const gone = () => errors.Unary.GONE("gone");
  test.for<[title: string, kind: Kind, make: () => GRPCError, report: string]>([
    [
      "without a required detail",
      "unary",
      () => errors.Unary.UNARY("text"),
      "/test.v1.TestService/Unary failed with UNARY, but its clients get an error without a kind: it lacks required " +
        "details. Pass them to the function that creates the error: hiddenDetail (test.v1.HiddenDetail).",
    ],
    [
      "without a required detail, in a stream",
      "bidi",
      () => errors.Bidi.BIDI("text", {}, { details: [detail(ErrorInfoSchema)] }),
      "/test.v1.TestService/Bidi failed with BIDI, but its clients get an error without a kind: it lacks required " +
        "details. Pass them to the function that creates the error: hiddenDetail (test.v1.HiddenDetail).",
    ],
    ...kinds
      .slice(1)
      .map((kind): [string, Kind, () => GRPCError, string] => [
        `of another method, thrown by ${kind}`,
        kind,
        gone,
        `/test.v1.TestService/${rpcs[kind]} failed with GONE, but its clients get an error without a kind: only ` +
          "/test.v1.TestService/Unary declares it. Declare it for this method, too, or throw an error that it declares.",
      ]),
  ])("%s", async ([, kind, make, report]) => {
    const { stub, reports } = await start(make);
    const { status, message } = make();
    expect(await rejection(call(stub, kind))).toMatchObject({ status, message, kind: undefined, origin: "peer" });
    expect(reports.take()).toMatchObject([
      {
        error: { message: report, cause: { status, message } },
        info: { method: `/test.v1.TestService/${rpcs[kind]}` },
      },
    ]);
  });

  test("of another service, thrown by a method without a contract", async () => {
    const { stub, reports } = await start(() => gone(), {});
    expect(await rejection(stub.bidi([{}])[Symbol.asyncIterator]().next())).toMatchObject({ status: Status.NOT_FOUND });
    expect(reports.take()).toMatchObject([{ error: { message: expect.stringContaining("failed with GONE") } }]);
  });

  test("after the end of the call, with the reason for the report", async () => {
    const { address, reports } = await startServer(
      {},
      {
        services: [
          Object.assign(
            testService({
              unary(_request, context) {
                context.sendTrailingMetadata({ status: Status.UNAVAILABLE });
                throw errors.Unary.UNARY("late");
              },
            }),
            { $errors: errors },
          ),
        ],
      },
    );
    expect(await rejection(new TestServiceStub(openChannel(address)).unary({}))).toMatchObject({
      message: "UNAVAILABLE",
    });
    expect((await reports.next()).error).toMatchObject({ cause: { message: "late" } });
  });
});

describe("no report of", () => {
  const complete = { hiddenDetail: { text: "found" } };
  test.for<[title: string, make: () => GRPCError]>([
    ["an error of the method itself", () => errors.Bidi.BIDI("", complete)],
    ["an error of another method that this one declares, too", () => errors.Unary.UNARY("", complete)],
    ["a status that any call can fail with", () => new GRPCError(Status.INTERNAL)],
  ])("%s", async ([, make]) => {
    const { stub, reports } = await start(make);
    expect(await rejection(call(stub, "bidi"))).toMatchObject({ status: make().status });
    expect(reports.take()).toEqual([]);
  });
});

test.for<[title: string, make: () => GRPCError, text: string]>([
  ["its ErrorInfo", () => restored({ status: "NOT_FOUND", kind: "GONE" }), "its status or its ErrorInfo differs"],
  ["its status", () => restored({ status: "ABORTED", kind: "GONE" }), "its status or its ErrorInfo differs"],
])("a declared error that has lost %s is reported", async ([, make, text]) => {
  const { stub, reports } = await start(make);
  await rejection(stub.unary({}));
  const [report, ...others] = reports.take();
  expect(others).toEqual([]);
  expect(String(report?.error)).toContain(text);
});

test("a service without information about its contracts is not blamed", async () => {
  const { stub } = await start(() => errors.Unary.GONE(""), {});
  expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.NOT_FOUND });
});

function restored(json: object): GRPCError {
  return GRPCError.fromJSON({ ...json, declaredBy: "/test.v1.TestService/Unary" });
}

test("an error that is relayed twice in a process is declared, too", async () => {
  const { stub } = await start(() => hiddenOf.unary());
  const received = (await rejection(stub.unary({}))) as GRPCError;
  const relayed = received.relay().relay();
  expect(errors.Bidi.is(relayed)).toBe(true);
  expect(relayed.kind).toBe("BIDI");
  // Not the result of relay(), although it has the same status and cause.
  expect(errors.Bidi.is(new GRPCError(received.status, "mine", received.details, { cause: received }))).toBe(false);
});
