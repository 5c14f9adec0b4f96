import { describe, expect, test } from "vitest";
import { GRPCError, Status } from "../../src/index.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { collect, moment, rejection, startPair } from "../harness.js";
import { brokenThenables, hostileValues, Trap, trap, withGetter } from "./hostile-values.js";

// Iterators that user code has written by hand, of responses and of requests.

type Next = () => unknown;

/** An async iterable that yields one message, and then does what is to be tested. */
function iterable(next: Next, rest: object = {}): AsyncIterable<object> {
  let calls = 0;
  const iterator = {
    next: () => (calls++ === 0 ? Promise.resolve({ done: false, value: {} }) : next()),
  };
  // Not a spread: it would call getters.
  Object.defineProperties(iterator, Object.getOwnPropertyDescriptors(rest));
  return { [Symbol.asyncIterator]: () => iterator as unknown as AsyncIterator<object> };
}

/** Iterables that are broken, by what is wrong with them. */
const broken: Readonly<Record<string, () => AsyncIterable<object>>> = {
  "next() throws": () => iterable(trap),
  "next is missing": () => ({ [Symbol.asyncIterator]: () => ({}) as never }),
  "next is a text": () => ({ [Symbol.asyncIterator]: () => ({ next: "next" }) as never }),
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
  "there is no iterator": () => ({ [Symbol.asyncIterator]: trap }),
  "the method is a text": () => ({ [Symbol.asyncIterator]: "iterator" as never }),
  "the method cannot be read": () => Object.defineProperty({}, Symbol.asyncIterator, { get: trap }) as never,
  ...Object.fromEntries(
    Object.entries(brokenThenables).map(([name, make]) => [`next() returns ${name}`, () => iterable(make)]),
  ),
};

/** Ways in which an iterator can fail to clean up. */
const brokenReturns: Readonly<Record<string, () => object>> = {
  "return() throws": () => ({ return: trap }),
  "return is a number": () => ({ return: 5 }),
  "return cannot be read": () => withGetter({}, "return"),
  ...Object.fromEntries(
    Object.entries(brokenThenables).map(([name, make]) => [`return() returns ${name}`, () => ({ return: make })]),
  ),
};

describe("responses", () => {
  test.for(Object.keys(broken))("%s: UNKNOWN, and it is reported", async (name) => {
    const { stub, reports } = await startPair({ serverStream: () => broken[name]?.() as never });
    const error = await rejection(collect(stub.serverStream({})));
    expect(error).toMatchObject({ status: Status.UNKNOWN, message: "Internal Server Error" });
    expect((await reports.next()).error).toBeInstanceOf(Error);
  });

  test.for(Object.keys(brokenReturns))("%s: the error before it is the answer, and that is reported", async (name) => {
    const yieldError = () => ({ done: false, value: new GRPCError(Status.NOT_FOUND, "no such shelf") });
    const responses = () => iterable(yieldError, brokenReturns[name]?.());
    const { stub, reports } = await startPair({ serverStream: responses as never });
    const error = await rejection(collect(stub.serverStream({})));
    expect(error).toMatchObject({ status: Status.NOT_FOUND, message: "no such shelf" });
    expect((await reports.next()).error).toBeInstanceOf(Error);
  });

  test.for(Object.keys(brokenReturns))("%s, after the client has left: it is reported", async (name) => {
    const waiting = () => new Promise(() => {});
    const responses = () => iterable(waiting, brokenReturns[name]?.());
    const { stub, reports } = await startPair({ serverStream: responses as never });
    for await (const _ of stub.serverStream({})) break;
    expect(await reports.next()).toMatchObject({ error: { message: "Failed to handle cancellation" } });
  });

  test("an iterator that fails is not asked to clean up", async () => {
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

  test.for(Object.keys(broken))("%s: the caller gets that error", async (name) => {
    const { stub } = await startReader();
    for (const kind of kinds) {
      const error = await rejection(calls[kind](stub, broken[name]?.() as never));
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(GRPCError);
    }
    await stub.clientStream([]);
  });

  test.for(Object.keys(brokenReturns))("%s, after the call has been cancelled: CANCELLED", async (name) => {
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
  });

  const generators: Readonly<Record<string, (abort: AbortController, left: () => void) => Iterable<object>>> = {
    "a generator": function* (abort, left) {
      try {
        yield {};
        abort.abort();
        yield {};
      } finally {
        left();
      }
    },
    "a generator, at once": function* (abort, left) {
      try {
        abort.abort();
        yield {};
      } finally {
        left();
      }
    },
    "a generator that ends then": function* (abort, left) {
      try {
        yield {};
        abort.abort();
      } finally {
        left();
      }
    },
    "an async generator": async function* (abort: AbortController, left: () => void) {
      try {
        yield {};
        abort.abort();
        yield {};
      } finally {
        left();
      }
    } as never,
  };

  test.for(Object.keys(generators))("%s that aborts its own call: its finally runs, once", async (name) => {
    const { stub } = await startReader();
    for (const kind of kinds) {
      const abort = new AbortController();
      const left = moment();
      let times = 0;
      const requests = generators[name]?.(abort, () => {
        times += 1;
        left.happens();
      });
      expect(await rejection(calls[kind](stub, requests as never, abort.signal))).toMatchObject({
        status: Status.CANCELLED,
      });
      await left.promise;
      expect(times).toBe(1);
    }
  });
});
