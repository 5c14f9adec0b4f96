import { once } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type ClientInterceptor, GRPCError, type RetryEvent, retry, Status } from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import { call } from "../calls/kinds.js";
import { connect, moment, rejection, startPair, unusedPort } from "../harness.js";
import { type Answer, longTimers, startScripted } from "./scripted.js";

// https://github.com/grpc/proposal/blob/master/A6-client-retries.md#hedging-policy

const { UNAVAILABLE, INVALID_ARGUMENT, CANCELLED } = Status;

const unavailable: Answer = { status: UNAVAILABLE };

afterEach(() => vi.restoreAllMocks());

/** Longer than any test. */
const NEVER = 60_000;

describe.for(["unary", "clientStream"] as const)("%s", (kind) => {
  test("a call that is answered in time has one attempt", async () => {
    const { stub, attempts } = await startScripted(["ok"], { hedgingDelay: NEVER });
    expect(await call(stub, kind)).toMatchObject([{ number: 1 }]);
    expect(attempts).toHaveLength(1);
  });

  test("the second attempt starts after the delay, its answer is that of the call, and the first is cancelled", async () => {
    const { stub, attempts, events } = await startScripted(["silence", "ok"], { hedgingDelay: 50 });
    const started = performance.now();
    expect(await call(stub, kind)).toMatchObject([{ number: 2 }]);
    expect(attempts).toHaveLength(2);
    expect((attempts[1]?.at ?? 0) - started).toBeGreaterThanOrEqual(50);
    expect(attempts[1]?.headers["grpc-previous-rpc-attempts"]).toBe("1");
    expect(attempts.map(({ requests }) => requests)).toEqual([1, 1]);
    expect(events).toMatchObject([{ attempt: 2, delay: 50, error: undefined }]);
    await expect.poll(() => attempts[0]?.cancelled).toBe(true);
  });

  test("no more than maxAttempts start, and the last answer counts", async () => {
    const { stub, attempts } = await startScripted(
      [
        { status: UNAVAILABLE, after: 200 },
        { status: UNAVAILABLE, after: 300 },
        { status: UNAVAILABLE, after: 500 },
      ],
      { hedgingDelay: 1, maxAttempts: 3 },
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({ status: UNAVAILABLE, attempts: [{ status: UNAVAILABLE }, { status: UNAVAILABLE }] });
    expect(attempts).toHaveLength(3);
  });

  test("after a retryable status the next attempt starts at once", async () => {
    const { stub, attempts, events } = await startScripted([unavailable, unavailable, "ok"], { hedgingDelay: NEVER });
    expect(await call(stub, kind)).toMatchObject([{ number: 3 }]);
    expect(attempts).toHaveLength(3);
    expect(events).toMatchObject([
      { attempt: 2, delay: 0, error: { status: UNAVAILABLE } },
      { attempt: 3, delay: 0, error: { status: UNAVAILABLE } },
    ]);
  });

  test("another status ends the call, and cancels the other attempts", async () => {
    const { stub, attempts } = await startScripted(["silence", { status: INVALID_ARGUMENT }], { hedgingDelay: 1 });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: INVALID_ARGUMENT });
    await expect.poll(() => attempts.map(({ cancelled }) => cancelled)).toContain(true);
  });

  test("a pushback delays the next attempt, a negative one means that there is none", async () => {
    const { stub, attempts, events } = await startScripted(
      [
        { status: UNAVAILABLE, pushback: "30" },
        { status: UNAVAILABLE, pushback: "-1" },
      ],
      { hedgingDelay: NEVER },
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: UNAVAILABLE });
    expect(attempts).toHaveLength(2);
    expect(events).toMatchObject([{ delay: 30 }]);
  });

  test("a pushback beyond the deadline means that there is none, and other attempts go on", async () => {
    const { stub, attempts } = await startScripted(
      [{ status: UNAVAILABLE, pushback: "60000", after: 250 }, { status: UNAVAILABLE, after: 400 }, "ok"],
      { hedgingDelay: 200, maxAttempts: 3 },
    );
    // The third attempt would start after 400 ms.
    expect(await rejection(call(stub, kind, { timeout: 5000 }))).toMatchObject({ status: UNAVAILABLE });
    expect(attempts).toHaveLength(2);
  });

  test("a negative pushback does not end other attempts", async () => {
    const { stub, attempts } = await startScripted(
      [
        { status: UNAVAILABLE, after: 250 },
        { status: UNAVAILABLE, after: 100, pushback: "-1" },
      ],
      { hedgingDelay: 1, maxAttempts: 2 },
    );
    const error = await rejection(call(stub, kind));
    expect(error).toMatchObject({ status: UNAVAILABLE, attempts: [{ status: UNAVAILABLE }] });
    expect(attempts).toHaveLength(2);
  });

  test("an attempt whose headers have arrived goes on alone, and its failure is that of the call", async () => {
    const { stub, attempts } = await startScripted(["silence", { status: UNAVAILABLE, headers: true }], {
      hedgingDelay: 1,
      maxAttempts: 2,
    });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: UNAVAILABLE, message: "unavailable" });
    expect(attempts).toHaveLength(2);
  });

  test("a caller who cancels ends all attempts, and no other one starts", async () => {
    const controller = new AbortController();
    const { stub, attempts } = await startScripted(["silence"], {
      hedgingDelay: 20,
      onRetry: ({ attempt }) => void (attempt === 3 && setTimeout(() => controller.abort(), 5)),
    });
    expect(await rejection(call(stub, kind, { signal: controller.signal }))).toMatchObject({ status: CANCELLED });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(attempts.length).toBeLessThanOrEqual(3);
    await expect.poll(() => attempts.every(({ cancelled }) => cancelled)).toBe(true);
  });

  test("a caller may cancel while a pushback delays the next attempt", async () => {
    const controller = new AbortController();
    const { stub, attempts } = await startScripted([{ status: UNAVAILABLE, pushback: "1234567" }], {
      hedgingDelay: NEVER,
      onRetry: () => setImmediate(() => controller.abort()),
    });
    const pending = longTimers();
    expect(await rejection(call(stub, kind, { signal: controller.signal }))).toMatchObject({ status: CANCELLED });
    expect(attempts).toHaveLength(1);
    expect(pending()).toEqual([]);
  });

  test.for<[name: string, script: readonly Answer[], hedgingDelay: number]>([
    ["a failure", [unavailable], NEVER],
    ["the delay", ["silence"], 1],
  ])("an error that onRetry throws after %s ends the call", async ([, script, hedgingDelay]) => {
    const fault = new Error("a fault");
    const { stub, attempts } = await startScripted(script, {
      hedgingDelay,
      onRetry: () => {
        throw fault;
      },
    });
    expect(await rejection(call(stub, kind))).toBe(fault);
    expect(attempts.length).toBeLessThanOrEqual(1);
  });

  test.for<[name: string, script: readonly Answer[], hedgingDelay: number]>([
    ["a failure", [unavailable, "silence"], NEVER],
    ["the delay", ["silence"], 1],
  ])("an error that an async onRetry rejects with after %s ends the call", async ([, script, hedgingDelay]) => {
    const fault = new Error("a fault");
    const onRetry: () => unknown = async () => {
      await Promise.resolve();
      throw fault;
    };
    const { stub } = await startScripted(script, { hedgingDelay, onRetry });
    expect(await rejection(call(stub, kind))).toBe(fault);
  });

  test("a failure without a pushback does not change the time of an attempt that the server has delayed", async () => {
    const { stub, attempts, events } = await startScripted(
      [{ status: UNAVAILABLE, pushback: "400", after: 200 }, { status: UNAVAILABLE, after: 100 }, "ok"],
      { hedgingDelay: 150, maxAttempts: 3 },
    );
    expect(await call(stub, kind)).toMatchObject([{ number: 3 }]);
    expect(events).toMatchObject([
      { attempt: 2, delay: 150 },
      { attempt: 3, delay: 400 },
    ]);
    expect((attempts[2]?.at ?? 0) - (attempts[0]?.at ?? 0)).toBeGreaterThanOrEqual(598);
  });

  test("a second pushback counts, and the attempt is announced once", async () => {
    const script: Answer[] = [
      { status: UNAVAILABLE, pushback: "1234567", after: 200 },
      { status: UNAVAILABLE, pushback: "10", after: 100 },
      "ok",
    ];
    const { stub, attempts, events } = await startScripted(script, { hedgingDelay: 150, maxAttempts: 3 });
    const pending = longTimers();
    expect(await call(stub, kind)).toMatchObject([{ number: 3 }]);
    expect(events.map(({ attempt }) => attempt)).toEqual([2, 3]);
    expect(attempts).toHaveLength(3);
    expect(pending()).toEqual([]);
  });

  test("after an attempt that the server has delayed, the next one starts after the delay of the policy", async () => {
    const { stub, events } = await startScripted([{ status: UNAVAILABLE, pushback: "50" }, "silence", "ok"], {
      hedgingDelay: 100,
      maxAttempts: 3,
    });
    expect(await call(stub, kind)).toMatchObject([{ number: 3 }]);
    expect(events).toMatchObject([
      { attempt: 2, delay: 50, error: { status: UNAVAILABLE } },
      { attempt: 3, delay: 100, error: undefined },
    ]);
  });

  test("a method that may not be repeated is not", async () => {
    const { stub, attempts } = await startScripted([{ status: UNAVAILABLE, after: 100 }], {
      hedgingDelay: 1,
      methods: () => false,
    });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: UNAVAILABLE });
    expect(attempts).toHaveLength(1);
  });

  test("while calls are throttled, no further attempts start", async () => {
    const throttling = { maxTokens: 1, tokenRatio: 1 };
    const { stub, attempts } = await startScripted([{ status: UNAVAILABLE, after: 30 }], {
      hedgingDelay: 10_000,
      throttling,
    });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: UNAVAILABLE });
    expect(attempts).toHaveLength(1);
  });
});

test("an attempt whose server does not read does not hold the requests of another one back", async () => {
  const { stub } = await startPair(
    {
      async clientStream(requests, { previousAttempts, signal }) {
        if (previousAttempts === 0) await once(signal, "abort");
        let number = 0;
        for await (const _ of requests) number += 1;
        return { number };
      },
    },
    { channel: { interceptors: [retry({ methods: () => true, hedgingDelay: 50 })] } },
  );
  // 800 kB: more than the window of a stream, less than what is kept for further attempts.
  const requests = Array.from({ length: 200 }, () => ({ data: new Uint8Array(4096) }));
  expect(await stub.clientStream(requests, { timeout: 10_000 })).toMatchObject({ number: 200 });
});

test("if other calls close the throttle while a pushback delays the next attempt, the call fails", async () => {
  const { stub, attempts } = await startScripted([{ status: UNAVAILABLE, pushback: "200" }, unavailable], {
    hedgingDelay: NEVER,
    throttling: { maxTokens: 4, tokenRatio: 1 },
  });
  const delayed = rejection(stub.unary({}));
  await expect.poll(() => attempts.length).toBe(1);
  // It takes the second token, so that the bucket is half full.
  expect(await rejection(stub.unary({}))).toMatchObject({ status: UNAVAILABLE, attempts: undefined });
  expect(await delayed).toMatchObject({ status: UNAVAILABLE, attempts: undefined });
  expect(attempts).toHaveLength(2);
});

test("a policy inside does not repeat the attempts of a hedged call, and one outside does not repeat the call", async () => {
  const { address, policy, attempts } = await startScripted([unavailable]);
  const hedging = retry({ ...policy, hedgingDelay: NEVER, maxAttempts: 3 });
  const channels: ChannelOptions[] = [
    { interceptors: [hedging], retry: policy },
    { interceptors: [hedging, (_call, next) => next(), retry(policy)] },
    { interceptors: [retry(policy), hedging] },
  ];
  for (const channel of channels) {
    attempts.length = 0;
    const error = await rejection(connect(address, channel).unary({}));
    expect(error).toMatchObject({ status: UNAVAILABLE, attempts: [{ attempts: undefined }, { attempts: undefined }] });
    expect(attempts).toHaveLength(3);
  }
});

test.for(["serverStream", "bidi"] as const)("%s: attempts do not overlap, failed ones are repeated", async (kind) => {
  const events: RetryEvent[] = [];
  const { stub, attempts } = await startScripted([{ status: UNAVAILABLE, after: 50 }, "ok"], {
    hedgingDelay: 1,
    onRetry: (event) => void events.push(event),
  });
  expect(await call(stub, kind)).toMatchObject([{ number: 2 }]);
  expect(attempts).toHaveLength(2);
  expect(events).toMatchObject([{ attempt: 2, error: { status: UNAVAILABLE } }]);
});

test("an attempt that fails just after another one has ended the call is not repeated", async () => {
  const address = `http://127.0.0.1:${await unusedPort()}`;
  // Between the two, the call ends and its attempts are cancelled, which takes some microtasks.
  for (let microtasks = 0; microtasks < 20; microtasks += 1) {
    const events: RetryEvent[] = [];
    const second = moment();
    const attempt: ClientInterceptor = async ({ previousAttempts }) => {
      if (previousAttempts === 1) second.happens();
      await second.promise;
      if (previousAttempts === 0) throw new GRPCError(INVALID_ARGUMENT);
      for (let i = 0; i < microtasks; i += 1) await Promise.resolve();
      throw new GRPCError(UNAVAILABLE);
    };
    const policy = { hedgingDelay: 1, methods: () => true, onRetry: (event: RetryEvent) => void events.push(event) };
    const stub = connect(address, { interceptors: [retry(policy), attempt] });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: INVALID_ARGUMENT });
    expect(events).toMatchObject([{ attempt: 2, error: undefined }]);
  }
});
