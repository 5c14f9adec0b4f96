import { describe, expect, test } from "vitest";
import { RequestBudget } from "../../src/client/request-budget.js";
import { GRPCError, type RetryPolicy, retry, Status } from "../../src/index.js";
import { handleAll, type TestHandlers } from "../calls/kinds.js";
import { rejection, startPair } from "../harness.js";

// The memory that calls share for requests that may have to be sent again.

describe("the budget", () => {
  test("has room until it is used up, and again for what is given back", () => {
    const budget = new RequestBudget(10);
    expect([budget.take(6), budget.take(5), budget.take(4), budget.take(1)]).toEqual([true, false, true, false]);
    budget.giveBack(6);
    expect([budget.take(7), budget.take(6)]).toEqual([false, true]);
  });

  test("may be infinite", () => {
    const budget = new RequestBudget(Number.POSITIVE_INFINITY);
    expect([budget.take(1e300), budget.take(1e300)]).toEqual([true, true]);
  });
});

/** A request of about 100 bytes: two fit in the budget, three do not. */
const request = { text: "a".repeat(100) };
const small: RetryPolicy = { maxTotalBufferBytes: 250 };

/** Fails the first attempt of each call. */
const unavailableFirst = handleAll(({ previousAttempts }, requests) => {
  if (previousAttempts === 0) throw new GRPCError(Status.UNAVAILABLE, "first");
  return { number: requests.length };
});

async function start(policy: RetryPolicy, handlers: TestHandlers = {}) {
  const retrying = retry({ methods: () => true, initialBackoff: 1, throttling: false, ...policy });
  return startPair({ ...unavailableFirst, ...handlers }, { channel: { interceptors: [retrying] } });
}

test("a call whose requests do not fit beside those of other calls is not repeated", async () => {
  const { stub } = await start(small);
  await stub.clientStream.open(async (first) => {
    await first.sendMessage(request);
    await first.sendMessage(request);
    expect(await rejection(stub.clientStream([request]))).toMatchObject({ message: "first", attempts: undefined });
    // A single request does not count.
    expect(await stub.unary(request)).toMatchObject({ number: 1 });
    await first.end();
    expect(await first.recvMessage()).toMatchObject({ number: 2 });
  });
  expect(await stub.clientStream([request, request])).toMatchObject({ number: 2 });
});

test("a call that does not fit continues with its present attempt", async () => {
  const { stub } = await start(small, {
    async clientStream(requests) {
      let number = 0;
      for await (const _ of requests) number += 1;
      return { number };
    },
  });
  expect(await stub.clientStream(Array(100).fill(request))).toMatchObject({ number: 100 });
});

type Stub = Awaited<ReturnType<typeof start>>["stub"];

const waiting: TestHandlers = {
  async *bidi(_requests, context) {
    if (context.metadata.get("fail") !== undefined) throw new GRPCError(Status.ABORTED);
    if (context.metadata.get("headers") !== undefined) context.sendInitialMetadata({});
    await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
  },
};

test.for<[title: string, use: (stub: Stub, rest: () => Promise<void>) => Promise<void>]>([
  [
    "the headers arrive",
    async (stub, rest) => {
      const use = async (stream: ReturnType<Stub["bidi"]["open"]>) => {
        await stream.sendMessage(request);
        await stream.sendMessage(request);
        await stream.recvInitialMetadata();
        await rest();
      };
      await stub.bidi.open(use, { metadata: { headers: "yes" } });
    },
  ],
  [
    "the caller leaves",
    async (stub) => {
      await stub.bidi.open(async (stream) => {
        await stream.sendMessage(request);
        await stream.sendMessage(request);
      });
    },
  ],
  [
    "the deadline passes",
    async (stub) => {
      const error = await rejection(stub.bidi([request, request], { timeout: 100 }).next());
      expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    },
  ],
  [
    "the call exceeds the limit",
    async (stub, rest) => {
      await stub.bidi.open(async (stream) => {
        for (let i = 0; i < 3; i++) await stream.sendMessage(request);
        await rest();
      });
    },
  ],
  [
    "the call fails",
    async (stub) => {
      const error = await rejection(stub.bidi([request, request], { metadata: { fail: "yes" } }).next());
      expect(error).toMatchObject({ status: Status.ABORTED });
    },
  ],
  ["the call succeeds", async (stub) => void (await stub.clientStream([request, request]))],
])("if %s, others have the memory", async ([, use]) => {
  const { stub } = await start(small, waiting);
  let rested = false;
  const rest = async () => {
    rested = true;
    expect(await stub.clientStream([request, request])).toMatchObject({ number: 2 });
  };
  await use(stub, rest);
  if (!rested) await rest();
});

test.for([
  [15, 2],
  [17, 1],
])("by default it is 16 MiB: a call of %d MiB has %d attempts", async ([mebibytes, attempts]) => {
  const { stub } = await start({ maxBufferBytes: Number.POSITIVE_INFINITY });
  const requests = Array(mebibytes).fill({ text: "a".repeat(1024 * 1024 - 100) });
  const outcome = await stub.clientStream.safe(requests);
  expect(outcome.ok ? 2 : 1).toBe(attempts);
});

test("maxTotalBufferBytes takes a number of bytes", () => {
  expect(() => retry({ maxTotalBufferBytes: -1 })).toThrow("maxTotalBufferBytes");
  expect(() => retry({ maxTotalBufferBytes: 0 })).not.toThrow();
});
