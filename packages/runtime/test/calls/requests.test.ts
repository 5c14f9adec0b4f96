import { describe, expect, test } from "vitest";
import { GRPCError, type RequestIterable, type ServerContext, Status } from "../../src/index.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import type { TestRequest, TestResponse } from "../gen/test/v1/test_pb.js";
import { collect, moment, rejection, startPair } from "../harness.js";
import { call } from "./kinds.js";

const streaming = ["clientStream", "bidi"] as const;

/** Calls the method of a kind with these requests. @returns its responses */
async function send(
  stub: TestServiceStub,
  kind: (typeof streaming)[number],
  requests: RequestIterable<TestRequest>,
  signal?: AbortSignal,
): Promise<TestResponse[]> {
  return kind === "bidi"
    ? await collect(stub.bidi(requests, { signal }))
    : [await stub.clientStream(requests, { signal })];
}

/** Handlers that read all requests, with promises of the first request and of the abort reason. */
function readers() {
  const first = moment();
  const ended = moment<unknown>();
  const read = async (requests: AsyncIterable<unknown>, { signal }: ServerContext) => {
    signal.addEventListener("abort", () => ended.happens(signal.reason));
    for await (const _ of requests) first.happens();
  };
  const handlers = {
    async clientStream(requests: AsyncIterable<TestRequest>, context: ServerContext) {
      await read(requests, context);
      return {};
    },
    async *bidi(requests: AsyncIterable<TestRequest>, context: ServerContext) {
      await read(requests, context);
      yield {};
    },
  };
  return { handlers, first: first.promise, ended: ended.promise };
}

/** Endless requests. `closed` resolves when their generator's finally block runs. */
function endlessRequests() {
  const closed = moment();
  async function* requests() {
    try {
      for (let number = 0; ; number++) {
        yield { number };
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      closed.happens();
    }
  }
  return { requests: requests(), closed: closed.promise };
}

describe("an error in the request iterable", () => {
  const failure = new Error("no more requests");

  test.for(streaming)("%s: cancels the call and reaches the caller unchanged", async (kind) => {
    const { handlers, first, ended } = readers();
    const { stub } = await startPair(handlers);
    async function* requests() {
      yield {};
      await first;
      throw failure;
    }
    expect(await rejection(send(stub, kind, requests()))).toBe(failure);
    expect(await ended).toMatchObject({ name: "StreamTerminatedError", code: 8 });
  });

  const sources: Record<string, () => RequestIterable<TestRequest>> = {
    "from a generator, at once": function* () {
      throw failure;
    },
    "from a generator, after a message": function* () {
      yield {};
      throw failure;
    },
    "from a generator, in a promise that it returns": function* () {
      yield {};
      return Promise.reject(failure);
    },
    "from an async generator, at once": async function* () {
      throw failure;
    },
    "from [Symbol.asyncIterator]()": () => ({
      [Symbol.asyncIterator]() {
        throw failure;
      },
    }),
  };
  for (const [name, source] of Object.entries(sources)) {
    test.for(streaming)(`%s: reaches the caller even before a request has been sent (${name})`, async (kind) => {
      const { stub } = await startPair(readers().handlers);
      expect(await rejection(send(stub, kind, source()))).toBe(failure);
    });
  }

  test.for(streaming)(
    "%s: a request that cannot be encoded fails the call with INTERNAL, and resets it",
    async (kind) => {
      const { handlers, first, ended } = readers();
      const { stub } = await startPair(handlers);
      async function* requests() {
        yield {};
        await first;
        yield { number: "not a number" as never };
      }
      const error = await rejection(send(stub, kind, requests()));
      expect(error).toMatchObject({ status: Status.INTERNAL, origin: "client" });
      expect((error as GRPCError).cause).toBeInstanceOf(Error);
      expect(await ended).toMatchObject({ name: "StreamTerminatedError", code: 8 });
    },
  );

  test.for(["unary", "serverStream"] as const)(
    "%s: a single request that cannot be encoded fails the call with INTERNAL",
    async (kind) => {
      const { stub } = await startPair({});
      const error = await rejection(call(stub, kind, {}, { number: "not a number" as never }));
      expect(error).toMatchObject({ status: Status.INTERNAL, origin: "client" });
      expect((error as GRPCError).cause).toBeInstanceOf(Error);
    },
  );

  test.for(streaming)("%s: a value that is not iterable is a TypeError", async (kind) => {
    const { stub } = await startPair({});
    for (const wrong of [{}, undefined, null, 5, { [Symbol.iterator]: "none" }]) {
      const error = await rejection(send(stub, kind, wrong as never));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(
        /^\/test\.v1\.TestService\/\w+ takes an iterable of requests, got (\[object Object\]|undefined|null|5)$/,
      );
    }
  });
});

describe("a request iterable that the call no longer needs", () => {
  test.for(streaming)("%s: is closed when the server ends the call early with an error", async (kind) => {
    const fail = () => {
      throw new GRPCError(Status.OUT_OF_RANGE, "enough");
    };
    const { stub } = await startPair({
      async clientStream(requests) {
        for await (const _ of requests) fail();
        return {};
      },
      async *bidi(requests) {
        for await (const _ of requests) yield fail();
      },
    });
    const { requests, closed } = endlessRequests();
    expect(await rejection(send(stub, kind, requests))).toMatchObject({ status: Status.OUT_OF_RANGE, origin: "peer" });
    await closed;
  });

  test.for(streaming)("%s: is closed when the server ends the call early with OK", async (kind) => {
    const { stub } = await startPair({
      async clientStream(requests) {
        for await (const _ of requests) break;
        return { text: "enough" };
      },
      async *bidi(requests) {
        for await (const _ of requests) break;
        yield { text: "enough" };
      },
    });
    const { requests, closed } = endlessRequests();
    expect(await send(stub, kind, requests)).toMatchObject([{ text: "enough" }]);
    await closed;
  });

  test.for(streaming)("%s: is closed when the call is cancelled", async (kind) => {
    const { handlers, first, ended } = readers();
    const { stub } = await startPair(handlers);
    const { requests, closed } = endlessRequests();
    const abort = new AbortController();
    const result = rejection(send(stub, kind, requests, abort.signal));
    await first;
    abort.abort();
    expect(await result).toMatchObject({ status: Status.CANCELLED });
    await closed;
    expect(await ended).toMatchObject({ name: "StreamTerminatedError" });
  });

  test("bidi: is closed when the caller leaves the response loop", async () => {
    const { stub } = await startPair({
      async *bidi(requests) {
        for await (const { number } of requests) yield { number };
      },
    });
    const { requests, closed } = endlessRequests();
    const numbers: number[] = [];
    for await (const { number } of stub.bidi(requests)) if (numbers.push(number) === 3) break;
    await closed;
    expect(numbers).toEqual([0, 1, 2]);
  });

  const cleanUps: Record<string, () => Promise<IteratorResult<object>>> = {
    "and return() succeeds": async () => ({ done: true, value: undefined }),
    "and an error from return() does not fail the call": async () => {
      throw new Error("of the clean-up");
    },
  };
  for (const [name, cleanUp] of Object.entries(cleanUps)) {
    test.for(streaming)(`%s: is closed even while next() is pending, ${name}`, async (kind) => {
      const { stub } = await startPair({
        clientStream: () => ({ text: "without requests" }),
        async *bidi() {
          yield { text: "without requests" };
        },
      });
      const closed = moment();
      const requests: AsyncIterable<object> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          return() {
            closed.happens();
            return cleanUp();
          },
        }),
      };
      expect(await send(stub, kind, requests)).toMatchObject([{ text: "without requests" }]);
      await closed.promise;
    });
  }

  test.for(streaming)("%s: is not closed again when it has ended by itself", async (kind) => {
    const { handlers } = readers();
    const { stub } = await startPair(handlers);
    let returned = 0;
    const requests: Iterable<object> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: true, value: undefined }),
        return() {
          returned += 1;
          return { done: true, value: undefined };
        },
      }),
    };
    await send(stub, kind, requests);
    expect(returned).toBe(0);
  });

  test.for(streaming)("%s: may be left unread by the handler", async (kind) => {
    const { stub } = await startPair({
      clientStream: () => ({ text: "unread" }),
      async *bidi() {
        yield { text: "unread" };
      },
    });
    const requests = Array.from({ length: 2000 }, () => ({ data: new Uint8Array(1000) }));
    expect(await send(stub, kind, requests)).toMatchObject([{ text: "unread" }]);
  });
});

test("requests that are read after the call has been ended within the same turn end too", async () => {
  const read = moment<number>();
  const { stub } = await startPair({
    clientStream(requests, context) {
      const sent = context.sendTrailingMetadata({ status: Status.ABORTED, message: "no" });
      void (async () => {
        let count = 0;
        for await (const _ of requests) count += 1;
        read.happens(count);
      })();
      return sent;
    },
  });
  expect(await rejection(stub.clientStream([]))).toMatchObject({ status: Status.ABORTED });
  expect(await read.promise).toBe(0);
});
