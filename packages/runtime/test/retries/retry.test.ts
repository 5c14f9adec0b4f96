import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RetryInfoSchema } from "../../src/error-details.js";
import {
  type CallOptions,
  type ClientInterceptor,
  detail,
  GRPCError,
  intercept,
  type RetryPolicy,
  retry,
  Status,
} from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import type { Transport } from "../../src/transport.js";
import { call, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, moment, openChannel, rejection, startPair, startPairOnNetwork, unusedPort } from "../harness.js";
import { type Answer, longTimers, startScripted } from "./scripted.js";

// https://github.com/grpc/proposal/blob/master/A6-client-retries.md

const { UNAVAILABLE, UNAUTHENTICATED, ABORTED, INVALID_ARGUMENT, CANCELLED, DEADLINE_EXCEEDED, UNIMPLEMENTED } = Status;

const unavailable: Answer = { status: UNAVAILABLE };

beforeEach(() => {
  // In the middle, so that the delays are those of the policy.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => vi.restoreAllMocks());

const retryInfo = (seconds: bigint, nanos: number) => detail(RetryInfoSchema, { retryDelay: { seconds, nanos } });

interface Row {
  readonly script: readonly Answer[];
  readonly policy?: RetryPolicy;
  /** How many attempts reach the server. */
  readonly attempts: number;
  /** The status of the call. */
  readonly status: Status;
  /** The times between attempts. */
  readonly delays?: readonly number[];
}

const backoff = { initialBackoff: 4, backoffMultiplier: 2, maxBackoff: 10, maxAttempts: 5 };

const table: Readonly<Record<string, Row>> = {
  "a call that succeeds is not repeated": { script: ["ok"], attempts: 1, status: Status.OK },
  "a retryable status is": { script: [unavailable, "ok"], attempts: 2, status: Status.OK },
  "another status is not": { script: [{ status: ABORTED }, "ok"], attempts: 1, status: ABORTED },
  "another status ends the call after a retryable one": {
    script: [unavailable, { status: INVALID_ARGUMENT }, "ok"],
    attempts: 2,
    status: INVALID_ARGUMENT,
  },
  "the statuses can be chosen": {
    script: [{ status: ABORTED }, { status: UNIMPLEMENTED }, "ok"],
    policy: { retryableStatusCodes: [ABORTED, UNIMPLEMENTED] },
    attempts: 3,
    status: Status.OK,
  },
  "a chosen list replaces the default one": {
    script: [unavailable, "ok"],
    policy: { retryableStatusCodes: [ABORTED] },
    attempts: 1,
    status: UNAVAILABLE,
  },
  "there are 4 attempts by default": { script: [unavailable], attempts: 4, status: UNAVAILABLE },
  "maxAttempts counts the first one": {
    script: [unavailable],
    policy: { maxAttempts: 2 },
    attempts: 2,
    status: UNAVAILABLE,
  },
  "there are 5 attempts at most": {
    script: [unavailable],
    policy: { maxAttempts: 100 },
    attempts: 5,
    status: UNAVAILABLE,
  },
  "the delay grows up to the maximum": {
    script: [unavailable],
    policy: backoff,
    attempts: 5,
    status: UNAVAILABLE,
    delays: [4, 8, 10, 10],
  },
  "a pushback decides the delay, and the backoff starts over": {
    script: [unavailable, unavailable, { status: UNAVAILABLE, pushback: "3" }, unavailable, "ok"],
    policy: backoff,
    attempts: 5,
    status: Status.OK,
    delays: [4, 8, 3, 4],
  },
  "a pushback may be 0": {
    script: [{ status: UNAVAILABLE, pushback: "0" }, "ok"],
    attempts: 2,
    status: Status.OK,
    delays: [0],
  },
  "a negative pushback stops": {
    script: [{ status: UNAVAILABLE, pushback: "-1" }, "ok"],
    attempts: 1,
    status: UNAVAILABLE,
  },
  "an unparsable pushback stops": {
    script: [{ status: UNAVAILABLE, pushback: "soon" }, "ok"],
    attempts: 1,
    status: UNAVAILABLE,
  },
  "a pushback does not make a status retryable": {
    script: [{ status: ABORTED, pushback: "1" }, "ok"],
    attempts: 1,
    status: ABORTED,
  },
  "a pushback does not allow more attempts": {
    script: [{ status: UNAVAILABLE, pushback: "1" }],
    policy: { maxAttempts: 2 },
    attempts: 2,
    status: UNAVAILABLE,
  },
  "a RetryInfo decides the delay, and the backoff starts over": {
    script: [unavailable, unavailable, { status: UNAVAILABLE, details: [retryInfo(0n, 6_500_000)] }, unavailable, "ok"],
    policy: backoff,
    attempts: 5,
    status: Status.OK,
    delays: [4, 8, 6.5, 4],
  },
  "a negative RetryInfo means at once": {
    script: [{ status: UNAVAILABLE, details: [retryInfo(-5n, 0)] }, "ok"],
    attempts: 2,
    status: Status.OK,
    delays: [0],
  },
  "a pushback wins over a RetryInfo": {
    script: [{ status: UNAVAILABLE, details: [retryInfo(100n, 0)], pushback: "7" }, "ok"],
    attempts: 2,
    status: Status.OK,
    delays: [7],
  },
  "a call whose headers have arrived is not repeated": {
    script: [{ status: UNAVAILABLE, headers: true }, "ok"],
    attempts: 1,
    status: UNAVAILABLE,
  },
  "nor is one whose response has arrived": {
    script: [{ status: UNAVAILABLE, response: true }, "ok"],
    attempts: 1,
    status: UNAVAILABLE,
  },
  "a method that may not be repeated is not": {
    script: [unavailable, "ok"],
    policy: { methods: () => false },
    attempts: 1,
    status: UNAVAILABLE,
  },
  "unless the server has refused the call, and refused the transparent retry": {
    script: ["refuse", "refuse", "ok"],
    policy: { methods: () => false },
    attempts: 3,
    status: Status.OK,
    delays: [1],
  },
  "by default no method may be repeated that does not say so": {
    script: [unavailable, "ok"],
    policy: { methods: undefined },
    attempts: 1,
    status: UNAVAILABLE,
  },
};

describe.for(kinds)("%s", (kind) => {
  test.for(Object.entries(table))("%s", async ([, { script, policy, attempts, status, delays }]) => {
    const peer = await startScripted(script, policy);
    const outcome = await call(peer.stub, kind).then(
      ([response]) => ({ status: Status.OK, number: response?.number }),
      (error) => error,
    );
    expect(outcome).toMatchObject(status === Status.OK ? { status, number: attempts } : { status });
    expect(peer.attempts).toHaveLength(attempts);
    const announced = peer.events.map(({ delay }) => delay);
    expect(announced).toEqual(delays ?? announced);
    // Every attempt has all requests, and waits for as long as was announced.
    const sentAgain = peer.attempts.slice(attempts - announced.length);
    for (const [index, { at }] of sentAgain.entries()) {
      const before = peer.attempts[attempts - announced.length + index - 1];
      expect(at - (before?.at ?? 0)).toBeGreaterThanOrEqual(announced[index] as number);
    }
    for (const { requests } of peer.attempts) expect(requests).toBe(1);
  });

  test("attempts after the first one tell the server their number", async () => {
    const { stub, attempts } = await startScripted([unavailable, unavailable, "ok"]);
    await call(stub, kind);
    expect(attempts.map(({ headers }) => headers["grpc-previous-rpc-attempts"])).toEqual([undefined, "1", "2"]);
  });

  test("the caller gets the last error, with the earlier ones in order", async () => {
    const { stub } = await startScripted(
      [
        { status: UNAVAILABLE, pushback: "1" },
        { status: ABORTED },
        { status: INVALID_ARGUMENT, details: [retryInfo(1n, 0)] },
      ],
      { retryableStatusCodes: [UNAVAILABLE, ABORTED] },
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({
      status: INVALID_ARGUMENT,
      origin: "peer",
      details: [{ $typeName: "google.rpc.RetryInfo" }],
      attempts: [
        { status: UNAVAILABLE, message: "unavailable" },
        { status: ABORTED, message: "aborted" },
      ],
    });
    for (const attempt of error.attempts ?? []) expect(attempt).toBeInstanceOf(GRPCError);
    expect(error.stack).toContain("retry.test.ts");
  });

  test("an error after one attempt has no attempts", async () => {
    const { stub } = await startScripted([{ status: ABORTED }]);
    expect(((await rejection(call(stub, kind))) as GRPCError).attempts).toBeUndefined();
  });

  test("if the delay would pass the deadline, the call fails at once", async () => {
    const { stub, attempts, events } = await startScripted([unavailable, { status: UNAVAILABLE, pushback: "30000" }]);
    const started = performance.now();
    expect(await rejection(call(stub, kind, { timeout: 20_000 }))).toMatchObject({
      status: UNAVAILABLE,
      attempts: [{ status: UNAVAILABLE }],
    });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(attempts).toHaveLength(2);
    expect(events).toHaveLength(1);
  });

  test("all attempts share one deadline", async () => {
    const { stub, attempts } = await startScripted([{ status: UNAVAILABLE, after: 300, pushback: "100" }, "silence"]);
    const started = performance.now();
    expect(await rejection(call(stub, kind, { timeout: 1000 }))).toMatchObject({ status: DEADLINE_EXCEEDED });
    expect(performance.now() - started).toBeLessThan(2500);
    expect(attempts).toHaveLength(2);
    const timeouts = attempts.map(({ headers }) => Number.parseInt(String(headers["grpc-timeout"]), 10));
    expect((timeouts[0] as number) - (timeouts[1] as number)).toBeGreaterThanOrEqual(399);
  });

  test.for<[ends: string, status: Status, options: (signal: AbortSignal) => CallOptions, channel?: ChannelOptions]>([
    ["the deadline of the call", DEADLINE_EXCEEDED, () => ({ timeout: 500 })],
    ["the timeout of the channel", DEADLINE_EXCEEDED, () => ({}), { timeout: 500 }],
    ["the deadline of the parent", DEADLINE_EXCEEDED, (signal) => ({ parent: { deadline: undefined, signal } })],
    ["the caller", CANCELLED, (signal) => ({ signal })],
  ])("if %s ends a later attempt, the error has the earlier ones", async ([, status, options, channel]) => {
    const controller = new AbortController();
    const policy = { retryableStatusCodes: [UNAVAILABLE, ABORTED] };
    const { stub, attempts } = await startScripted([unavailable, { status: ABORTED }, "silence"], policy, channel);
    const failure = rejection(call(stub, kind, options(controller.signal)));
    await expect.poll(() => attempts.length).toBe(3);
    controller.abort(new GRPCError(DEADLINE_EXCEEDED));
    const error = (await failure) as GRPCError;
    expect(error).toMatchObject({ status, origin: "client" });
    expect(error.attempts).toMatchObject([{ status: UNAVAILABLE }, { status: ABORTED }]);
  });

  test("a caller who cancels does not wait for the delay, and no timer is left", async () => {
    const controller = new AbortController();
    const { stub, attempts } = await startScripted([{ status: UNAVAILABLE, pushback: "1234567" }], {
      onRetry: () => setImmediate(() => controller.abort(new Error("left"))),
    });
    const pending = longTimers();
    expect(await rejection(call(stub, kind, { signal: controller.signal }))).toMatchObject({
      status: CANCELLED,
      cause: { message: "left" },
    });
    expect(attempts).toHaveLength(1);
    expect(pending()).toEqual([]);
  });

  test("onRetry may cancel the call", async () => {
    const controller = new AbortController();
    const { stub, attempts } = await startScripted([{ status: UNAVAILABLE, pushback: "1234567" }], {
      onRetry: () => controller.abort(),
    });
    const pending = longTimers();
    expect(await rejection(call(stub, kind, { signal: controller.signal }))).toMatchObject({ status: CANCELLED });
    expect(attempts).toHaveLength(1);
    expect(pending()).toEqual([]);
  });

  test("onRetry learns of each further attempt, and an error that it throws ends the call", async () => {
    const { stub, events } = await startScripted([unavailable, { status: ABORTED }, "ok"], {
      ...backoff,
      retryableStatusCodes: [UNAVAILABLE, ABORTED],
    });
    await call(stub, kind);
    expect(events).toMatchObject([
      { attempt: 2, delay: 4, error: { status: UNAVAILABLE }, method: { path: expect.stringContaining("/test.v1.") } },
      { attempt: 3, delay: 8, error: { status: ABORTED } },
    ]);
    const fault = new Error("a fault");
    const failing = await startScripted([unavailable, "ok"], {
      onRetry: () => {
        throw fault;
      },
    });
    expect(await rejection(call(failing.stub, kind))).toBe(fault);
    expect(failing.attempts).toHaveLength(1);
  });

  test("an async onRetry that rejects ends the call, although the next attempt would start much later", async () => {
    const fault = new Error("a fault");
    const onRetry: () => unknown = async () => {
      await Promise.resolve();
      throw fault;
    };
    const { stub, attempts } = await startScripted([unavailable, "ok"], { onRetry, initialBackoff: 200 });
    expect(await rejection(call(stub, kind))).toBe(fault);
    expect(attempts).toHaveLength(1);
  });

  test("the next attempt does not wait for the promise of onRetry", async () => {
    const onRetry: () => unknown = () => new Promise(() => {});
    const { stub, attempts } = await startScripted([unavailable, unavailable, "ok"], { onRetry });
    expect(await call(stub, kind)).toMatchObject([{ number: 3 }]);
    expect(attempts).toHaveLength(3);
  });

  test.for<[when: string, script: readonly Answer[]]>([
    ["before the next attempt", [{ status: UNAVAILABLE, pushback: "1234567" }]],
    ["during the next attempt", [unavailable, "silence"]],
    ["before a later attempt", [unavailable, { status: UNAVAILABLE, pushback: "1234567" }]],
  ])("if the promise of onRetry rejects %s, the call fails, and no timer is left", async ([, script]) => {
    const fault = new Error("a fault");
    const failing = moment();
    const onRetry = ({ attempt }: { attempt: number }): unknown =>
      attempt === 2 ? failing.promise.then(() => Promise.reject(fault)) : undefined;
    const { stub, attempts } = await startScripted(script, { onRetry });
    const pending = longTimers();
    const failure = rejection(call(stub, kind));
    await expect.poll(() => attempts.length).toBe(script.length);
    await new Promise((resolve) => setTimeout(resolve, 20));
    failing.happens();
    expect(await failure).toBe(fault);
    expect(pending()).toEqual([]);
    expect(attempts).toHaveLength(script.length);
  });

  test("a channel without a policy does not retry", async () => {
    const { address, attempts } = await startScripted([unavailable]);
    for (const retry of [undefined, true, "transparent", false] as const) {
      attempts.length = 0;
      expect(await rejection(call(connect(address, { retry }), kind))).toMatchObject({ status: UNAVAILABLE });
      expect(attempts).toHaveLength(1);
    }
  });

  test("a policy as an option of the channel retries inside of all interceptors, and transparently", async () => {
    const { address, policy, attempts } = await startScripted(["refuse", unavailable, "ok"]);
    let calls = 0;
    const counting: ClientInterceptor = (_call, next) => {
      calls += 1;
      return next();
    };
    await call(connect(address, { interceptors: [counting], retry: policy }), kind);
    expect(attempts).toHaveLength(3);
    expect(attempts.map(({ headers }) => headers["grpc-previous-rpc-attempts"])).toEqual([undefined, undefined, "1"]);
    expect(calls).toBe(1);
  });

  test("attempts of several policies share the one transparent retry of a refused stream", async () => {
    const { address, policy, attempts } = await startScripted(["refuse", unavailable, "refuse", "ok"]);
    const interceptors = [retry(policy), retry({ ...policy, retryableStatusCodes: [Status.ABORTED] })];
    await call(connect(address, { interceptors }), kind);
    expect(attempts.map(({ headers }) => headers["grpc-previous-rpc-attempts"])).toEqual([
      undefined,
      undefined,
      "1",
      "2",
    ]);
  });

  test("interceptors outside see the last error with its attempts, those inside see each attempt", async () => {
    const { address, policy } = await startScripted([unavailable]);
    const seen: unknown[] = [];
    const watching =
      (name: string): ClientInterceptor =>
      async (intercepted, next) => {
        try {
          return await next();
        } catch (error) {
          const { attempts, status } = error as GRPCError;
          seen.push([name, intercepted.previousAttempts, status, attempts?.length]);
          throw error;
        }
      };
    const interceptors = [watching("outside"), retry({ ...policy, maxAttempts: 3 }), watching("inside")];
    expect(await rejection(call(connect(address, { interceptors }), kind))).toMatchObject({ status: UNAVAILABLE });
    expect(seen).toEqual([
      ["inside", 0, UNAVAILABLE, undefined],
      ["inside", 1, UNAVAILABLE, undefined],
      ["inside", 2, UNAVAILABLE, undefined],
      ["outside", 0, UNAVAILABLE, 2],
    ]);
  });

  test("of two policies, the outer one does not repeat what the inner one has repeated", async () => {
    const { address, policy, attempts } = await startScripted([unavailable]);
    const outer = retry({ ...policy, maxAttempts: 3 });
    const inner = { ...policy, maxAttempts: 2 };
    const stubs = [
      connect(address, { interceptors: [outer, retry(inner)] }),
      connect(address, { interceptors: [outer], retry: inner }),
      new TestServiceStub(intercept(openChannel(address, { retry: inner }), [outer])),
    ];
    for (const stub of stubs) {
      attempts.length = 0;
      expect(await rejection(call(stub, kind))).toMatchObject({
        status: UNAVAILABLE,
        attempts: [{ attempts: undefined }],
      });
      expect(attempts).toHaveLength(2);
    }
  });

  test("of two policies, each repeats what it is made for, and the attempts are in order", async () => {
    const { address, policy, attempts } = await startScripted([{ status: UNAUTHENTICATED }, unavailable, unavailable]);
    const interceptors = [
      retry({ ...policy, retryableStatusCodes: [UNAUTHENTICATED] }),
      retry({ ...policy, maxAttempts: 2 }),
    ];
    const error = await rejection(call(connect(address, { interceptors }), kind));
    expect(attempts).toHaveLength(3);
    expect(error).toMatchObject({
      status: UNAVAILABLE,
      attempts: [{ status: UNAUTHENTICATED }, { status: UNAVAILABLE }],
    });
  });

  test("a deadline that passes in a retry inside another one has the attempts of both, in order", async () => {
    const script: Answer[] = [{ status: UNAUTHENTICATED }, { status: UNAVAILABLE, pushback: "2" }, "silence"];
    const { address, policy, attempts } = await startScripted(script);
    const interceptors = [retry({ ...policy, retryableStatusCodes: [UNAUTHENTICATED] }), retry(policy)];
    const failure = rejection(call(connect(address, { interceptors }), kind, { timeout: 500 }));
    await expect.poll(() => attempts.length).toBe(3);
    const error = (await failure) as GRPCError;
    expect(error).toMatchObject({ status: DEADLINE_EXCEEDED });
    expect(error.attempts).toMatchObject([{ status: UNAUTHENTICATED }, { status: UNAVAILABLE }]);
  });

  test("a call that could not be sent is repeated, whatever its method", async () => {
    const events: number[] = [];
    const address = `http://127.0.0.1:${await unusedPort()}`;
    const policy = { initialBackoff: 1, onRetry: ({ attempt }: { attempt: number }) => void events.push(attempt) };
    expect(await rejection(call(connect(address, { retry: policy }), kind))).toMatchObject({ status: UNAVAILABLE });
    expect(events).toEqual([2, 3, 4]);
  });

  test.for([
    [0, 1],
    [1, 2],
    [2, 2],
  ])("by default a method with the idempotency_level %d has %d attempts", async ([idempotency, expected]) => {
    const { address, attempts } = await startScripted([unavailable]);
    const channel = intercept(openChannel(address), [retry({ maxAttempts: 2, initialBackoff: 1 })]);
    const declaring: Transport = {
      start: (request, listener) => {
        const desc = { ...request.method.desc, idempotency };
        return channel.start({ ...request, method: { ...request.method, desc } } as typeof request, listener);
      },
    };
    await rejection(call(new TestServiceStub(declaring), kind));
    expect(attempts).toHaveLength(expected as number);
  });
});

test("the delay varies by a fifth", async () => {
  const delays: number[] = [];
  for (const random of [0, 0.999999]) {
    vi.spyOn(Math, "random").mockReturnValue(random);
    const { stub, events } = await startScripted([unavailable, "ok"], { initialBackoff: 10 });
    await stub.unary({});
    delays.push(events[0]?.delay ?? 0);
  }
  expect(delays[0]).toBeCloseTo(8, 3);
  expect(delays[1]).toBeCloseTo(12, 3);
});

test("methods takes paths and descriptors", async () => {
  const { desc } = (await describeUnary()) as { desc: never };
  for (const [methods, expected] of [
    [["/test.v1.TestService/Unary"], 2],
    [[desc], 2],
    [["/test.v1.TestService/Bidi"], 1],
    [[], 1],
  ] as const) {
    const { stub, attempts } = await startScripted([unavailable], { methods, maxAttempts: 2 });
    await rejection(stub.unary({}));
    expect(attempts).toHaveLength(expected);
  }
});

/** The method `Unary`, as an interceptor sees it. */
async function describeUnary(): Promise<unknown> {
  let method: unknown;
  const { address } = await startPairOnNetwork({ unary: () => ({}) });
  const watching: ClientInterceptor = (intercepted, next) => {
    method = intercepted.method;
    return next();
  };
  await connect(address, { interceptors: [watching] }).unary({});
  return method;
}

test("open(): reads and sends go on in the next attempt", async () => {
  const { stub, attempts } = await startScripted([unavailable, "ok"]);
  const response = await stub.bidi.open(async (stream) => {
    await stream.sendMessage({ text: "1" });
    await stream.sendMessage({ text: "2" });
    await stream.end();
    return await stream.recvMessage();
  });
  expect(response).toMatchObject({ number: 2 });
  expect(attempts.map(({ requests }) => requests)).toEqual([2, 2]);
});

test.for([
  [undefined, 900_000, 2],
  [undefined, 1_100_000, 1],
  [2_000_000, 1_100_000, 2],
  [1000, 1500, 1],
] as const)(
  "with maxBufferBytes: %s, a call with %d bytes has %d attempts",
  async ([maxBufferBytes, bytes, expected]) => {
    const { stub, attempts } = await startScripted([unavailable, "ok"], { maxBufferBytes });
    const requests = Array.from({ length: 10 }, () => ({ data: new Uint8Array(bytes / 10) }));
    const outcome = await stub.clientStream(requests).then(
      () => "ok",
      () => "failed",
    );
    expect(attempts).toHaveLength(expected);
    expect(outcome).toBe(expected === 2 ? "ok" : "failed");
  },
);

test("a server of this runtime steers the retries of a client of this runtime", async () => {
  const seen: number[] = [];
  const { stub } = await startPair(
    {
      unary(_request, context) {
        seen.push(context.previousAttempts);
        if (seen.length === 3) return { text: "done" };
        context.setRetryPushback(seen.length);
        throw new GRPCError(UNAVAILABLE, "not yet");
      },
    },
    { channel: { retry: { methods: () => true } } },
  );
  expect(await stub.unary({})).toMatchObject({ text: "done" });
  expect(seen).toEqual([0, 1, 2]);
});

test.for([1, "true", null, Symbol("retry")])("the option retry: %s of a channel is a TypeError", (retry) => {
  expect(() => connect("http://127.0.0.1:1", { retry: retry as never })).toThrow(
    /^retry takes a boolean, "transparent" or a policy, got /,
  );
});
