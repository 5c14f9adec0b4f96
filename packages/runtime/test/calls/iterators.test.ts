import { describe, expect, test } from "vitest";
import { GRPCError, Status } from "../../src/index.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { collect, moment, rejection, startPair } from "../harness.js";
import { brokenThenables, hostileValues, Trap, trap, withGetter } from "./hostile-values.js";

// Broken handwritten iterators, of responses and of requests.

type Next = () => unknown;

/** An async iterable that yields one message, and then calls `next`. `rest` adds properties to its iterator. */
function iterable(next: Next, rest: object = {}): AsyncIterable<object> {
  let calls = 0;
  const iterator = {
    next: () => (calls++ === 0 ? Promise.resolve({ done: false, value: {} }) : next()),
  };
  // A spread would call getters.
  Object.defineProperties(iterator, Object.getOwnPropertyDescriptors(rest));
  return { [Symbol.asyncIterator]: () => iterator as unknown as AsyncIterator<object> };
}

/** Broken iterables, by what is wrong with them. */
const broken: Readonly<Record<string, () => AsyncIterable<object>>> = {
  "next() throws": () => iterable(trap),
  "next is missing": () => ({ [Symbol.asyncIterator]: () => ({}) as never }),
  "next is a string": () => ({ [Symbol.asyncIterator]: () => ({ next: "next" }) as never }),
  "next cannot be read": () => ({ [Symbol.asyncIterator]: () => withGetter({}, "next") as never }),
  "next() returns undefined": () => iterable(() => undefined),
  "next() returns a number": () => iterable(() => 5),
  "next() returns a promise of null": () => iterable(async () => null),
  "next() returns a revoked Proxy": () => iterable(() => hostileValues["a revoked Proxy"]?.()),
  "done cannot be read": () => iterable(() => withGetter({ value: {} }, "done")),
  "value cannot be read": () => iterable(() => withGetter({ done: false }, "value")),
  "the last value is a promise that rejects": () => iterable(() => ({ done: true, value: Promise.reject(new Trap()) })),
  "the iterator is undefined": () => ({ [Symbol.asyncIterator]: () => undefined as never }),
  "the iterator is a number": () => ({ [Symbol.asyncIterator]: () => 5 as never }),
  "the method throws": () => ({ [Symbol.asyncIterator]: trap }),
  "the method is a string": () => ({ [Symbol.asyncIterator]: "iterator" as never }),
  "the method cannot be read": () => Object.defineProperty({}, Symbol.asyncIterator, { get: trap }) as never,
  ...Object.fromEntries(
    Object.entries(brokenThenables).map(([name, make]) => [`next() returns ${name}`, () => iterable(make)]),
  ),
};

/** Ways in which an iterator's return() can fail. */
const brokenReturns: Readonly<Record<string, () => object>> = {
  "return() throws": () => ({ return: trap }),
  "return is a number": () => ({ return: 5 }),
  "return cannot be read": () => withGetter({}, "return"),
  ...Object.fromEntries(
    Object.entries(brokenThenables).map(([name, make]) => [`return() returns ${name}`, () => ({ return: make })]),
  ),
};

describe("responses", () => {
  test.for(Object.keys(broken))("%s: UNKNOWN, and the error is reported", async (name) => {
    const { stub, reports } = await startPair({ serverStream: () => broken[name]?.() as never });
    const error = await rejection(collect(stub.serverStream({})));
    expect(error).toMatchObject({ status: Status.UNKNOWN, message: "Internal Server Error" });
    expect((await reports.next()).error).toBeInstanceOf(Error);
  });

  test.for(Object.keys(brokenReturns))(
    "%s: the client gets the earlier error, and the failure of return() is reported",
    async (name) => {
      const yieldError = () => ({ done: false, value: new GRPCError(Status.NOT_FOUND, "no such shelf") });
      const responses = () => iterable(yieldError, brokenReturns[name]?.());
      const { stub, reports } = await startPair({ serverStream: responses as never });
      const error = await rejection(collect(stub.serverStream({})));
      expect(error).toMatchObject({ status: Status.NOT_FOUND, message: "no such shelf" });
      expect((await reports.next()).error).toBeInstanceOf(Error);
    },
  );

  test.for(Object.keys(brokenReturns))("%s, after the client has cancelled: the failure is reported", async (name) => {
    const waiting = () => new Promise(() => {});
    const responses = () => iterable(waiting, brokenReturns[name]?.());
    const { stub, reports } = await startPair({ serverStream: responses as never });
    for await (const _ of stub.serverStream({})) break;
    expect(await reports.next()).toMatchObject({ error: { message: "Failed to handle cancellation" } });
  });

  test("return() is not called after next() has failed", async () => {
    let returns = 0;
    const rest = { return: async () => returns++ };
    const responses = () => iterable(() => undefined, rest);
    const { stub, reports } = await startPair({ serverStream: responses as never });
    await rejection(collect(stub.serverStream({})));
    expect(await reports.next()).toMatchObject({ error: { name: "TypeError" } });
    expect(returns).toBe(0);
  });
});

describe("requests", () => {
  const calls = {
    clientStream: (stub: TestServiceStub, requests: AsyncIterable<object>, signal?: AbortSignal) =>
      stub.clientStream(requests, { signal }),
    bidi: (stub: TestServiceStub, requests: AsyncIterable<object>, signal?: AbortSignal) =>
      collect(stub.bidi(requests, { signal })),
  };
  const kinds = ["clientStream", "bidi"] as const;

  /** A server that reads all requests. */
  const startReader = () =>
    startPair({
      async clientStream(requests) {
        await collect(requests);
        return {};
      },
      async *bidi(requests) {
        for await (const _ of requests) yield {};
      },
    });

  test.for(Object.keys(broken))("%s: the call rejects with that error", async (name) => {
    const { stub } = await startReader();
    for (const kind of kinds) {
      const error = await rejection(calls[kind](stub, broken[name]?.() as never));
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(GRPCError);
    }
    await stub.clientStream([]);
  });

  test.for(Object.keys(brokenReturns))(
    "%s, after the call has been cancelled: the call still rejects with CANCELLED",
    async (name) => {
      const { stub } = await startReader();
      for (const kind of kinds) {
        const abort = new AbortController();
        const abortAndWait = () => {
          abort.abort();
          return new Promise(() => {});
        };
        const requests = iterable(abortAndWait, brokenReturns[name]?.());
        expect(await rejection(calls[kind](stub, requests, abort.signal))).toMatchObject({ status: Status.CANCELLED });
      }
      await stub.clientStream([]);
    },
  );

  const generators: Readonly<Record<string, (abort: AbortController, closed: () => void) => Iterable<object>>> = {
    "a generator": function* (abort, closed) {
      try {
        yield {};
        abort.abort();
        yield {};
      } finally {
        closed();
      }
    },
    "a generator, before its first message,": function* (abort, closed) {
      try {
        abort.abort();
        yield {};
      } finally {
        closed();
      }
    },
    "a generator, before it ends,": function* (abort, closed) {
      try {
        yield {};
        abort.abort();
      } finally {
        closed();
      }
    },
    "an async generator": async function* (abort: AbortController, closed: () => void) {
      try {
        yield {};
        abort.abort();
        yield {};
      } finally {
        closed();
      }
    } as never,
  };

  test.for(Object.keys(generators))("%s that aborts its own call: its finally block runs once", async (name) => {
    const { stub } = await startReader();
    for (const kind of kinds) {
      const abort = new AbortController();
      const closed = moment();
      let times = 0;
      const requests = generators[name]?.(abort, () => {
        times += 1;
        closed.happens();
      });
      expect(await rejection(calls[kind](stub, requests as never, abort.signal))).toMatchObject({
        status: Status.CANCELLED,
      });
      await closed.promise;
      expect(times).toBe(1);
    }
  });
});
