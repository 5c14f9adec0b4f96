import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { type SharedErrors, sharedErrors } from "../../src/errors/shared-errors.js";
import { GRPCError, Status } from "../../src/index.js";
import { everyError, type FakeAnswers, fake, serve } from "../../src/testing.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { RequiredDetailSchema } from "../gen/test/v1/required_pb.js";
import { TestServiceBase, TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { collect, rejection } from "../harness.js";

interface Gone extends GRPCError {
  readonly kind: "GONE";
}
interface Hidden extends GRPCError {
  readonly kind: "HIDDEN";
}
interface Templated extends GRPCError {
  readonly kind: "FULL" | "EXPIRED" | "INCOMPLETE";
}
const declared = {
  GONE: { status: Status.NOT_FOUND, reason: "GONE", domain: "test.v1", metadata: ["where", "since"] },
  HIDDEN: { status: Status.ABORTED, details: { hiddenDetail: HiddenDetailSchema } },
};
const Shared = sharedErrors<SharedErrors<Templated> & { EXPIRED(): Templated }>("common.v1", {
  EXPIRED: { status: Status.UNAUTHENTICATED, reason: "EXPIRED", metadata: ["token"], message: "{token} has expired" },
});
const Errors = {
  Unary: methodErrors<MethodErrors<Gone | Hidden>>(TestService.method.unary, declared),
  ServerStream: methodErrors<MethodErrors<Gone>>(TestService.method.serverStream, { GONE: declared.GONE }),
  Bidi: methodErrors<MethodErrors<Templated>>(TestService.method.bidi, {
    FULL: { status: Status.ABORTED, reason: "FULL", metadata: ["where"], message: "{where} is full", localize: true },
    EXPIRED: Shared.EXPIRED,
    INCOMPLETE: { status: Status.ABORTED, details: { requiredDetail: RequiredDetailSchema } },
  }),
};

/** As generated code for a service of which two methods declare errors. */
abstract class Base extends TestServiceBase {
  get $errors(): typeof Errors {
    return Errors;
  }
}

async function start(answers: FakeAnswers<Base>) {
  const served = await serve([fake(Base, answers)]);
  const stub = new TestServiceStub(served.channel);
  bindStub(stub, served.channel, TestService, Errors);
  return Object.assign(served, { stub });
}

describe("a fake answers with", () => {
  test("a response", async () => {
    await using served = await start({ unary: { text: "hello" }, clientStream: { text: "all" } });
    expect(await served.stub.unary({})).toMatchObject({ text: "hello" });
    expect(await served.stub.clientStream([{}, {}])).toMatchObject({ text: "all" });
  });

  test("a list of responses, which may end with an error", async () => {
    await using served = await start({ serverStream: [{ text: "a" }, { text: "b" }], bidi: [{ text: "c" }] });
    expect((await collect(served.stub.serverStream({}))).map(({ text }) => text)).toEqual(["a", "b"]);
    expect((await collect(served.stub.bidi([{}]))).map(({ text }) => text)).toEqual(["c"]);
    await using failing = await start({ serverStream: [{ text: "a" }, "GONE"] });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { text } of failing.stub.serverStream({})) seen.push(text);
    })();
    expect(await rejection(reading)).toMatchObject({ kind: "GONE" });
    expect(seen).toEqual(["a"]);
  });

  test("the kind of a declared error, with all that its contract requires", async () => {
    await using served = await start({ unary: "GONE", serverStream: "GONE" });
    const { error } = await served.stub.unary.safe({});
    expect(error).toMatchObject({
      kind: "GONE",
      status: Status.NOT_FOUND,
      data: { errorInfo: { reason: "GONE", domain: "test.v1", metadata: { where: "where", since: "since" } } },
    });
    expect(await rejection(collect(served.stub.serverStream({})))).toMatchObject({ kind: "GONE" });
  });

  test("any error", async () => {
    await using served = await start({ unary: new GRPCError(Status.UNAVAILABLE, "later") });
    expect(await rejection(served.stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE, message: "later" });
  });

  test("an error that was received, or restored from JSON", async () => {
    const json = { status: "NOT_FOUND", message: "no book", origin: "peer" };
    const restored = GRPCError.fromJSON({ name: "GRPCError", ...json });
    await using upstream = await start({ unary: "GONE" });
    const received = (await rejection(upstream.stub.unary({}))) as GRPCError;
    await using served = await start({
      unary: received,
      serverStream: [{ text: "a" }, received],
      clientStream: restored,
    });
    expect(await rejection(served.stub.unary({}))).toMatchObject({ kind: "GONE", message: received.message });
    expect(await rejection(collect(served.stub.serverStream({})))).toMatchObject({ kind: "GONE" });
    const error = (await rejection(served.stub.clientStream([]))) as GRPCError;
    expect([error.status, error.message]).toEqual([Status.NOT_FOUND, "no book"]);
  });

  test("what a handler returns", async () => {
    await using served = await start({ unary: ({ text }) => ({ text: text.toUpperCase() }) });
    expect(await served.stub.unary({ text: "hello" })).toMatchObject({ text: "HELLO" });
  });

  test("UNIMPLEMENTED, if it has no answer", async () => {
    await using served = await start({});
    expect(await rejection(served.stub.unary({}))).toMatchObject({
      status: Status.UNIMPLEMENTED,
      message: "/test.v1.TestService/Unary has no answer in this fake. Pass one as unary.",
    });
    expect(await rejection(collect(served.stub.bidi([])))).toMatchObject({ status: Status.UNIMPLEMENTED });
  });
});

test("everyError() has each declared error, and a caller recognises it", async () => {
  const errors = everyError(Errors.Unary);
  expect(errors.map(({ kind }) => kind)).toEqual(["GONE", "HIDDEN"]);
  for (const each of errors) {
    await using served = await start({ unary: each });
    const { error } = await served.stub.unary.safe({});
    expect([error?.kind, Errors.Unary.is(error)]).toEqual([each.kind, true]);
  }
  // Closing has not failed, so all of them keep their contract.
});

test("errors with a message in their contract, and with details that have required fields, can be sent", async () => {
  const errors = everyError(Errors.Bidi);
  expect(errors.map(({ kind, message }) => [kind, message])).toEqual([
    ["FULL", "where is full"],
    ["EXPIRED", "token has expired"],
    ["INCOMPLETE", "A fake INCOMPLETE"],
  ]);
  for (const { kind, message } of errors) {
    await using served = await start({ bidi: kind });
    expect(await rejection(collect(served.stub.bidi([{}])))).toMatchObject({ kind, message });
  }
  expect(errors[2]?.data).toMatchObject({ requiredDetail: { name: "", shelf: { number: 0n, kind: 1 } } });
});

test("everyError() takes the shared errors of a file", async () => {
  const [expired, ...others] = everyError(Shared);
  expect([expired?.kind, others]).toEqual(["EXPIRED", []]);
  await using served = await start({ bidi: expired as Templated });
  const error = await rejection(collect(served.stub.bidi([])));
  expect([Shared.is(error), Errors.Bidi.is(error)]).toEqual([true, true]);
});

test("mistakes are refused", () => {
  expect(() => fake(Base, { unary: "LOST" as never })).toThrow(
    "/test.v1.TestService/Unary declares no error LOST. It declares GONE, HIDDEN.",
  );
  expect(() => fake(Base, { clientStream: "GONE" as never })).toThrow(
    "/test.v1.TestService/ClientStream declares no error GONE. It declares none.",
  );
  expect(() => fake(Base, { getBook: {} } as never)).toThrow(
    "Base has no method getBook. Its methods are unary, serverStream, clientStream, bidi.",
  );
  expect(() => fake(Base, { unary: [{ text: "a" }] as never })).toThrow(
    "/test.v1.TestService/Unary sends one response, so a list of them cannot be its answer.",
  );
  expect(() => fake(Base, { clientStream: [] as never })).toThrow(
    "/test.v1.TestService/ClientStream sends one response",
  );
  expect(() => fake(Base, null as never)).toThrow("fake() takes an object with answers, got null");
  expect(() => fake(Base, "GONE" as never)).toThrow("fake() takes an object with answers, got GONE");
  expect(() => fake({} as never)).toThrow("fake() takes a generated base, as in fake(LibraryServiceBase)");
  expect(() => everyError({} as never)).toThrow("as in everyError(LibraryServiceErrors.GetBook), got [object Object]");
});

test("only kinds that a method declares, and responses of its type, have the type of an answer", () => {
  const answers = (_: FakeAnswers<Base>) => {};
  answers({ unary: "GONE", serverStream: ["GONE", { text: "a" }] });
  // @ts-expect-error ServerStream does not declare it
  answers({ serverStream: "HIDDEN" });
  // @ts-expect-error ClientStream declares nothing
  answers({ clientStream: "GONE" });
  // @ts-expect-error a response has no such field
  answers({ unary: { title: "hello" } });
  // @ts-expect-error the responses of a stream are a list
  answers({ bidi: { text: "hello" } });
});
