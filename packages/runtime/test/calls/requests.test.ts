import { describe, expect, test } from "vitest";
import { GRPCError, type RequestIterable, type ServerContext, Status } from "../../src/index.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import type { TestRequest, TestResponse } from "../gen/test/v1/test_pb.js";
import { collect, moment, rejection, startPair } from "../harness.js";
import { call } from "./kinds.js";

const streaming = ["clientStream", "bidi"] as const;

/** Calls a method with these requests. @returns its responses */
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

/** Handlers that read all requests, and tell of the first one and of the end. */
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

/** Requests without an end that tell when they are left. */
function endlessRequests() {
  const left = moment();
  async function* requests() {
    try {
      for (let number = 0; ; number++) {
        yield { number };
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      left.happens();
    }
  }
  return { requests: requests(), left: left.promise };
}

describe("an error of the request iterable", () => {
  const failure = new Error("no more requests");

  test.for(streaming)("%s: it cancels the call and reaches the caller unchanged", async (kind) => {
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
    "of a generator, at once": function* () {
      throw failure;
    },
    "of a generator, after a message": function* () {
      yield {};
      throw failure;
    },
    "of a generator, in a promise that it returns": function* () {
      yield {};
      return Promise.reject(failure);
    },
    "of an async generator, at once": async function* () {
      throw failure;
    },
    "of an iterable without an iterator": () => ({
      [Symbol.asyncIterator]() {
        throw failure;
      },
    }),
  };
  for (const [name, source] of Object.entries(sources)) {
    test.for(streaming)(`%s: it may come before anything was sent (${name})`, async (kind) => {
      const { stub } = await startPair(readers().handlers);
      expect(await rejection(send(stub, kind, source()))).toBe(failure);
    });
  }

  test.for(streaming)("%s: what cannot be encoded fails the call with INTERNAL, and cancels it", async (kind) => {
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
  });

  test.for(["unary", "serverStream"] as const)("%s: nor can a single request that is broken be sent", async (kind) => {
    const { stub } = await startPair({});
    const error = await rejection(call(stub, kind, {}, { number: "not a number" as never }));
    expect(error).toMatchObject({ status: Status.INTERNAL, origin: "client" });
    expect((error as GRPCError).cause).toBeInstanceOf(Error);
  });

  test.for(streaming)("%s: what is no iterable is a TypeError", async (kind) => {
    const { stub } = await startPair({});
    expect(await rejection(send(stub, kind, {} as never))).toBeInstanceOf(TypeError);
    expect(await rejection(send(stub, kind, undefined as never))).toBeInstanceOf(TypeError);
  });
});

describe("requests that the call no longer needs", () => {
  test.for(streaming)("%s: they are left when the server ends early with an error", async (kind) => {
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
    const { requests, left } = endlessRequests();
    expect(await rejection(send(stub, kind, requests))).toMatchObject({ status: Status.OUT_OF_RANGE, origin: "peer" });
    await left;
  });

  test.for(streaming)("%s: they are left when the server ends early with OK", async (kind) => {
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
    const { requests, left } = endlessRequests();
    expect(await send(stub, kind, requests)).toMatchObject([{ text: "enough" }]);
    await left;
  });

  test.for(streaming)("%s: they are left when the call is cancelled", async (kind) => {
    const { handlers, first, ended } = readers();
    const { stub } = await startPair(handlers);
    const { requests, left } = endlessRequests();
    const abort = new AbortController();
    const result = rejection(send(stub, kind, requests, abort.signal));
    await first;
    abort.abort();
    expect(await result).toMatchObject({ status: Status.CANCELLED });
    await left;
    expect(await ended).toMatchObject({ name: "StreamTerminatedError" });
  });

  test("bidi: they are left when the response stream is", async () => {
    const { stub } = await startPair({
      async *bidi(requests) {
        for await (const { number } of requests) yield { number };
      },
    });
    const { requests, left } = endlessRequests();
    const numbers: number[] = [];
    for await (const { number } of stub.bidi(requests)) if (numbers.push(number) === 3) break;
    await left;
    expect(numbers).toEqual([0, 1, 2]);
  });

  const cleanUps: Record<string, () => Promise<IteratorResult<object>>> = {
    "without ado": async () => ({ done: true, value: undefined }),
    "with an error, which is not that of the call": async () => {
      throw new Error("of the clean-up");
    },
  };
  for (const [name, cleanUp] of Object.entries(cleanUps)) {
    test.for(streaming)(`%s: an iterable that waits for its next item is left too, ${name}`, async (kind) => {
      const { stub } = await startPair({
        clientStream: () => ({ text: "without any" }),
        async *bidi() {
          yield { text: "without any" };
        },
      });
      const left = moment();
      const requests: AsyncIterable<object> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          return() {
            left.happens();
            return cleanUp();
          },
        }),
      };
      expect(await send(stub, kind, requests)).toMatchObject([{ text: "without any" }]);
      await left.promise;
    });
  }

  test.for(streaming)("%s: requests that are complete are not left once more", async (kind) => {
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

  test.for(streaming)("%s: the handler may leave requests unread", async (kind) => {
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
