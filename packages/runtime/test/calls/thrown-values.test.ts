import { describe, expect, test } from "vitest";
import { GRPCError, Metadata, Status } from "../../src/index.js";
import { collect, type Reports, rejection, startPair } from "../harness.js";
import { brokenThenables, hostileValues, Trap, trap, withGetter } from "./hostile-values.js";
import { call, handleAll, type Kind, kinds } from "./kinds.js";

// Handlers may throw anything. The client gets a status, the error is reported, and the server keeps serving.

const internalServerError = { status: Status.UNKNOWN, message: "Internal Server Error", origin: "peer" };

/**
 * Expects a call to fail like this, and a second one too, which shows that the
 * server keeps serving.
 */
async function expectAnswers(handlers: ReturnType<typeof handleAll>, kind: Kind, answer: object): Promise<Reports> {
  const { stub, reports } = await startPair(handlers);
  for (let i = 0; i < 2; i++) expect(await rejection(call(stub, kind))).toMatchObject(answer);
  return reports;
}

/** All pairs of an item of the first list and one of the second. */
function pairs<A, B>(first: readonly A[], second: readonly B[]): [A, B][] {
  return first.flatMap((a) => second.map((b): [A, B] => [a, b]));
}

describe("a handler that throws", () => {
  test.for(pairs(kinds, Object.keys(hostileValues)))(
    "%s: %s: the client gets UNKNOWN, and the value is reported",
    async ([kind, name]) => {
      const value = hostileValues[name]?.();
      const handlers = handleAll(() => {
        throw value;
      });
      const reports = await expectAnswers(handlers, kind, internalServerError);
      // If it cannot be read, it is the cause of the reported error instead.
      const isReported = reports.take().map(({ error }) => error === value || (error as Error).cause === value);
      expect(isReported).toEqual([true, true]);
    },
  );

  const unreadable: Record<string, (error: GRPCError) => object> = {
    "an origin that throws": (error) => withGetter(error, "origin"),
    "a status that throws": (error) => withGetter(error, "status"),
    "a statusMessage that throws": (error) => withGetter(error, "statusMessage"),
    "details that throw": (error) => withGetter(error, "details"),
    "metadata that throws": (error) => withGetter(error, "metadata"),
    "a status of 77": (error) => Object.assign(error, { status: 77 }),
    "a status of 0": (error) => Object.assign(error, { status: Status.OK }),
    "a status that is a string": (error) => Object.assign(error, { status: "5\r\nx: y" }),
    "a status that cannot be converted to a string": (error) => Object.assign(error, { status: Object.create(null) }),
    "no status": (error) => Object.assign(error, { status: undefined }),
    "a relay() that returns itself": (error) => Object.assign(error, { origin: "peer", relay: () => error }),
  };

  test.for(pairs(kinds, Object.keys(unreadable)))("%s: a GRPCError with %s: UNKNOWN", async ([kind, name]) => {
    const thrown: object[] = [];
    const handlers = handleAll(() => {
      const error = unreadable[name]?.(new GRPCError(Status.NOT_FOUND, "secret")) ?? {};
      thrown.push(error);
      throw error;
    });
    const reports = await expectAnswers(handlers, kind, internalServerError);
    expect(reports.take().map(({ error }) => (error as Error).cause)).toEqual(thrown);
  });

  test.for(["name", "message", "cause", "stack"])(
    "a GRPCError whose %s throws when read: its status arrives",
    async (property) => {
      const handlers = handleAll(() => {
        throw withGetter(new GRPCError(Status.NOT_FOUND, "no such book"), property);
      });
      const answer = { status: Status.NOT_FOUND, message: "no such book", origin: "peer" };
      await expectAnswers(handlers, "unary", answer);
    },
  );

  const details: Record<string, unknown> = {
    "a list that throws": new Proxy([], { get: trap }),
    "one that throws": [new Proxy({}, { get: trap })],
    "one whose has() throws": [new Proxy({}, { has: trap })],
    "one whose type throws": [withGetter({}, "$typeName")],
    null: [null],
    "an Unknown without a type": [{ [Symbol.for("@grpclib-ts/runtime/Unknown")]: true }],
    "an Unknown whose value is a string": [
      Object.assign(Object.create(null), {
        [Symbol.for("@grpclib-ts/runtime/Unknown")]: true,
        typeUrl: "a",
        value: "b",
      }),
    ],
  };

  test.for(Object.keys(details))("a GRPCError with details of %s: status and message arrive", async (name) => {
    const handlers = handleAll(() => {
      throw new GRPCError(Status.NOT_FOUND, "no such book", details[name] as never);
    });
    const reports = await expectAnswers(handlers, "unary", { status: Status.NOT_FOUND, message: "no such book" });
    expect(reports.take()).toHaveLength(2);
  });

  const bytes: Record<string, Uint8Array> = {
    "a Proxy of bytes": new Proxy(new Uint8Array(1), {}),
    "an object with the prototype of bytes": Object.create(Uint8Array.prototype),
  };

  test.for(Object.keys(bytes))("because metadata.set() refuses %s: UNKNOWN, reported as a TypeError", async (name) => {
    const { stub, reports } = await startPair({
      unary(_request, { trailingMetadata }) {
        trailingMetadata.set("rows-bin", bytes[name] ?? new Uint8Array());
        return {};
      },
    });
    expect(await rejection(stub.unary({}))).toMatchObject(internalServerError);
    expect(await reports.next()).toMatchObject({ error: { name: "TypeError" } });
    expect(() => new Metadata({ "rows-bin": bytes[name] ?? "" })).toThrow(TypeError);
  });
});

describe("a handler that, after its deadline, throws", () => {
  test.for(Object.keys(hostileValues))("%s: the value is reported", async (name) => {
    const value = hostileValues[name]?.();
    const { stub, reports } = await startPair({
      async unary(_request, { signal }) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        throw value;
      },
    });
    expect(await rejection(stub.unary({}, { timeout: 20 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    const { error } = await reports.next();
    expect(error).toMatchObject({ message: "Failed to handle cancellation" });
    expect((error as Error).cause === value).toBe(true);
  });
});

describe("a handler that returns", () => {
  const odd: Record<string, () => unknown> = {
    ...brokenThenables,
    "a message whose field throws": () => withGetter({}, "text"),
    "a Proxy whose get() throws": () => new Proxy({}, { get: trap }),
    "a Proxy whose getPrototypeOf() throws": () => new Proxy({}, { getPrototypeOf: trap }),
    "a revoked Proxy": () => hostileValues["a revoked Proxy"]?.(),
  };

  test.for(pairs(kinds, Object.keys(odd)))("%s: %s: UNKNOWN, and the error is reported", async ([kind, name]) => {
    const { stub, reports } = await startPair(handleAll(() => odd[name]?.() as object));
    expect(await rejection(call(stub, kind))).toMatchObject(internalServerError);
    expect((await reports.next()).error).toBeInstanceOf(Error);
  });

  test.for(Object.keys(odd))("%s instead of a stream: UNKNOWN, and the error is reported", async (name) => {
    const { stub, reports } = await startPair({ serverStream: () => odd[name]?.() as never });
    expect(await rejection(collect(stub.serverStream({})))).toMatchObject(internalServerError);
    expect((await reports.next()).error).toBeInstanceOf(Error);
  });

  const trailers: Record<string, object> = {
    "a status that throws": withGetter({}, "status"),
    "a message that throws": withGetter({ status: Status.NOT_FOUND }, "message"),
    "details that throw": withGetter({ status: Status.NOT_FOUND }, "details"),
    "metadata that throws": withGetter({ status: Status.NOT_FOUND }, "metadata"),
  };

  test.for(Object.keys(trailers))(
    "sendTrailingMetadata() with %s: UNKNOWN, and the error is reported",
    async (name) => {
      const { stub, reports } = await startPair({
        unary: (_request, context) => context.sendTrailingMetadata(trailers[name] as never),
      });
      expect(await rejection(stub.unary({}))).toMatchObject(internalServerError);
      expect((await reports.next()).error).toBeInstanceOf(Trap);
    },
  );

  test("sendTrailingMetadata() with a status that cannot be converted to a string: a TypeError that says so", async () => {
    const { stub, reports } = await startPair({
      unary: (_request, context) => context.sendTrailingMetadata({ status: Object.create(null) }),
    });
    expect(await rejection(stub.unary({}))).toMatchObject(internalServerError);
    expect(await reports.next()).toMatchObject({
      error: { name: "TypeError", message: expect.stringContaining("sendTrailingMetadata() needs a Status") },
    });
  });
});
