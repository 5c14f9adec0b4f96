import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { BadRequestSchema } from "../../src/error-details.js";
import { type CallOptions, GRPCError, Status } from "../../src/index.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { collect, moment, rejection, startPair } from "../harness.js";
import { brokenThenables, hostileValues, trap, withGetter } from "./hostile-values.js";
import { call, handleAll, kinds } from "./kinds.js";

// Invalid or hostile values that a caller passes to a call. At worst, that call fails.

const hooks = ["onHeaders", "onTrailers"] as const;

describe("a hook that", () => {
  const start = () => startPair(handleAll(() => ({ text: "fine" })));

  test.for(hooks.flatMap((hook) => Object.keys(hostileValues).map((name) => [hook, name] as const)))(
    "throws from %s: the call rejects with the thrown value (%s)",
    async ([hook, name]) => {
      const value = hostileValues[name]?.();
      const { stub } = await start();
      for (const kind of kinds) {
        const options: CallOptions = {
          [hook]() {
            throw value;
          },
        };
        // In a list, because an async function that returns a value reads its `then`.
        const [thrown] = await call(stub, kind, options).catch((error) => [error]);
        expect(thrown === value).toBe(true);
      }
    },
  );

  test.for(Object.keys(brokenThenables))("returns %s from onTrailers: the call succeeds", async (name) => {
    const { stub } = await start();
    for (const kind of kinds) {
      expect(await call(stub, kind, { onTrailers: brokenThenables[name] as never })).toMatchObject([{ text: "fine" }]);
    }
  });

  test.for(Object.keys(brokenThenables))("returns %s from onHeaders: at worst, the call rejects", async (name) => {
    const { stub } = await start();
    await Promise.allSettled(kinds.map((kind) => call(stub, kind, { onHeaders: brokenThenables[name] as never })));
    expect(await stub.unary({})).toMatchObject({ text: "fine" });
  });

  test("returns a promise with a throwing catch(): catch() is not called", async () => {
    const { stub } = await start();
    const onTrailers = () => Object.assign(Promise.reject(new Error("rejected")), { catch: trap }) as never;
    expect(await stub.unary({}, { onTrailers })).toMatchObject({ text: "fine" });
  });
});

describe("a signal that aborts with", () => {
  const reasons: Readonly<Record<string, () => unknown>> = {
    ...hostileValues,
    "a GRPCError whose status throws": () => withGetter(new GRPCError(Status.DEADLINE_EXCEEDED), "status"),
    "a GRPCError with a status of 77": () => Object.assign(new GRPCError(Status.NOT_FOUND), { status: 77 }),
  };

  test.for(Object.keys(reasons))("%s: the call is CANCELLED, with the reason as its cause", async (name) => {
    const started = moment();
    const { stub } = await startPair(
      handleAll(({ signal }) => {
        started.happens();
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }),
    );
    for (const kind of kinds) {
      const abort = new AbortController();
      const before = rejection(call(stub, kind, { signal: AbortSignal.abort(reasons[name]?.()) }));
      const meanwhile = rejection(call(stub, kind, { signal: abort.signal }));
      await started.promise;
      abort.abort(reasons[name]?.());
      for (const outcome of [before, meanwhile]) expect(await outcome).toMatchObject({ status: Status.CANCELLED });
      expect(((await meanwhile) as Error).cause === abort.signal.reason).toBe(true);
      expect(JSON.parse(JSON.stringify(await meanwhile))).toMatchObject({ status: "CANCELLED" });
    }
  });
});

test.for(kinds)("%s: a signal whose removeEventListener() throws does not keep the call from ending", async (kind) => {
  const { stub } = await startPair(handleAll(() => ({ text: "fine" })));
  const { signal } = new AbortController();
  signal.removeEventListener = trap;
  expect(await call(stub, kind, { signal })).toMatchObject([{ text: "fine" }]);
});

describe("an option of the wrong type is a TypeError that says what is expected", () => {
  const signal = new AbortController().signal;
  const dateOrDeadline = "deadline takes a Date or a Deadline (for milliseconds from now, use timeout)";
  const odd: Readonly<Record<string, [options: object, text: string]>> = {
    "signal: null": [{ signal: null }, "signal takes an AbortSignal, got null"],
    "signal: an AbortController": [{ signal: new AbortController() }, "signal takes an AbortSignal, got [object"],
    "signal: an EventTarget": [{ signal: new EventTarget() }, "signal takes an AbortSignal, got [object"],
    "signal: an object": [{ signal: Object.create(null) }, "signal takes an AbortSignal, got (object"],
    "parent: with another signal": [{ parent: { signal: {} } }, "parent.signal takes an AbortSignal, got [object"],
    "parent: with a deadline in ms": [{ parent: { signal, deadline: 5 } }, "parent.deadline takes a Deadline, got 5"],
    "deadline: in ms": [{ deadline: 5 }, `${dateOrDeadline}, got 5`],
    "deadline: ms since 1970": [{ deadline: 1_764_000_000_000 }, `${dateOrDeadline}, got 1764000000000`],
    "deadline: Infinity": [{ deadline: Number.POSITIVE_INFINITY }, `${dateOrDeadline}, got Infinity`],
    "deadline: a text": [{ deadline: "2026-11-26" }, `${dateOrDeadline}, got 2026-11-26`],
    "deadline: null": [{ deadline: null }, `${dateOrDeadline}, got null`],
    "deadline: an invalid date": [{ deadline: new Date("today") }, "or a valid date, got NaN"],
    "timeout: null": [{ timeout: null }, "timeout"],
    "onHeaders: a text": [{ onHeaders: "log" }, "onHeaders takes a function, got log"],
    "onTrailers: null": [{ onTrailers: null }, "onTrailers takes a function, got null"],
    "parent: a text": [{ parent: "context" }, "parent takes a ServerContext, got context"],
    "parent: a function": [{ parent: () => {} }, "parent takes a ServerContext, got the function parent"],
  };

  test.for(Object.entries(odd))("%s", async ([, [options, text]]) => {
    const { stub } = await startPair({});
    for (const kind of kinds) {
      const error = await rejection(call(stub, kind, options));
      expect(error).toMatchObject({ name: "TypeError", message: expect.stringContaining(text) });
    }
  });

  test("parent: null and {} are the same as no parent", async () => {
    const { stub } = await startPair({ unary: () => ({ text: "fine" }) });
    for (const parent of [null, {}]) {
      expect(await stub.unary({}, { parent: parent as never })).toMatchObject({ text: "fine" });
    }
  });

  test.for(["signal", "deadline", "timeout", "metadata"])(
    "%s cannot be read: the call rejects with that error",
    async (name) => {
      const { stub } = await startPair({});
      for (const kind of kinds) {
        expect(await rejection(call(stub, kind, withGetter({}, name)))).toMatchObject({ message: "looked at" });
      }
    },
  );
});

describe("a request", () => {
  const throwing = (value: unknown) => ({
    get text(): string {
      throw value;
    },
  });
  const requests: Readonly<Record<string, () => object>> = {
    "a revoked Proxy": () => hostileValues["a revoked Proxy"]?.() as object,
    "a Proxy whose get() throws": () => new Proxy({}, { get: trap }),
    "a message whose field throws a revoked Proxy": () => throwing(hostileValues["a revoked Proxy"]?.()),
    "a message whose field throws an object without a prototype": () => throwing(Object.create(null)),
    "a message whose field throws a GRPCError with a status of 77": () =>
      throwing(Object.assign(new GRPCError(Status.NOT_FOUND), { status: 77 })),
    "a message whose field throws a GRPCError that cannot be read": () =>
      throwing(withGetter(new GRPCError(Status.NOT_FOUND), "status")),
  };

  test.for<[title: string, value: unknown, text: string]>([
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a text", "abc", "abc"],
    ["a list", [{ text: "a" }], "[object Object]"],
    ["a function", () => {}, "a function"],
    ["a promise", Promise.resolve({ text: "a" }), "[object Promise]"],
    ["a map", new Map([["text", "a"]]), "[object Map]"],
    ["bytes", new Uint8Array(100), "[object Uint8Array]"],
    ["an iterable of requests", { async *[Symbol.asyncIterator]() {} }, "[object Object]"],
    ["an Error", new Error("no text"), "Error: no text"],
    ["a message of another type", create(BadRequestSchema), "a google.rpc.BadRequest"],
  ])("that is %s is a TypeError, and its call is cancelled", async ([, value, text]) => {
    const { stub } = await startPair({
      async clientStream(all) {
        await collect(all);
        return {};
      },
      async *bidi(all) {
        for await (const _ of all) yield {};
      },
    });
    const path = "/test.v1.TestService/";
    const wrong = {
      name: "TypeError",
      message: expect.stringMatching(new RegExp(`^${path}\\w+ takes a test.v1.TestRequest, `)),
    };
    for (const kind of kinds) {
      const requests = kind === "clientStream" || kind === "bidi" ? [{}, value] : value;
      const start = (): unknown => stub[kind](requests as never);
      const called =
        kind === "unary" || kind === "clientStream" ? (start() as Promise<unknown>) : collect(start() as never);
      expect(await rejection(called)).toMatchObject(wrong);
      const opened = stub[kind].open(async (stream) => {
        await stream.sendMessage(value as never);
        await stream.end();
        await collect(stream);
      });
      expect(await rejection(opened)).toMatchObject(wrong);
      expect(((await rejection(stub.unary(value as never))) as Error).message).toContain(`TestRequest, got ${text}`);
    }
  });

  class Fields {
    readonly text = "kept";
    get number(): number {
      return 7;
    }
  }
  test.for<[title: string, value: object]>([
    ["an object without a prototype", Object.assign(Object.create(null), { text: "kept", number: 7 })],
    ["an instance of a class with the fields", new Fields()],
    ["a Proxy", new Proxy({ text: "kept", number: 7 }, {})],
    ["a copy of a message", { ...create(TestRequestSchema, { text: "kept", number: 7 }) }],
    [
      "an object with a field then",
      Object.fromEntries(Object.entries({ text: "kept", number: 7 }).concat([["then", 8]])),
    ],
  ])("may be %s", async ([, value]) => {
    const { stub } = await startPair({ unary: ({ text, number }) => ({ text: `${text} ${number}` }) });
    expect(await stub.unary(value)).toMatchObject({ text: "kept 7" });
  });

  test.for(Object.keys(requests))("that is %s: INTERNAL", async (name) => {
    const { stub } = await startPair({
      async clientStream(all) {
        await collect(all);
        return {};
      },
      async *bidi(all) {
        for await (const _ of all) yield {};
      },
    });
    for (const kind of kinds) {
      const error = await rejection(call(stub, kind, {}, requests[name]?.()));
      expect(error).toMatchObject({ status: Status.INTERNAL, origin: "client" });
      expect(error).toMatchObject({ message: expect.stringContaining("Cannot encode the request") });
    }
  });
});
