import { SpanKind } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { GRPCError, type RetryPolicy, retry, Status } from "../../src/index.js";
import { recordRetry, telemetry } from "../../src/otel.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { openChannel, rejection, startServer } from "../harness.js";
import { Sdk } from "./sdk.js";
import { nameOf } from "./service.js";

/** A server whose first attempts fail. */
async function startFlaky(failures: number) {
  let attempts = 0;
  return await startServer(
    handleAll(() => {
      attempts += 1;
      if (attempts <= failures) throw new GRPCError(Status.UNAVAILABLE, "later");
      return { number: attempts };
    }),
    { interceptors: [telemetry()] },
  );
}

const policy = { maxAttempts: 4, initialBackoff: 5, methods: () => true };

const hedging = { maxAttempts: 2, hedgingDelay: 20, methods: () => true };

/** A server whose first attempts are slow. */
async function startSlow() {
  return await startServer({
    async unary(_request, { previousAttempts }) {
      if (previousAttempts === 0) await new Promise((resolve) => setTimeout(resolve, 300));
      return {};
    },
  });
}

/** A server whose first attempt fails when the second one arrives, which hangs. The third one succeeds. */
async function startFailingLate() {
  let onSecond = () => {};
  const second = new Promise<void>((resolve) => {
    onSecond = resolve;
  });
  return await startServer({
    async unary(_request, { previousAttempts, signal }) {
      if (previousAttempts === 0) {
        await second;
        throw new GRPCError(Status.UNAVAILABLE, "later");
      }
      if (previousAttempts === 1) {
        onSecond();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      }
      return {};
    },
  });
}

const lateHedging = { maxAttempts: 3, hedgingDelay: 200, methods: () => true };

/** Makes a call, and cancels it while it waits for its second attempt. */
async function abortSoon(stub: TestServiceStub): Promise<void> {
  const { error } = await stub.unary.safe({}, { signal: AbortSignal.timeout(100) });
  expect(error?.status).toBe(Status.CANCELLED);
}

const seconds = ([whole, nanos]: [number, number] = [0, 0]) => whole + nanos / 1e9;

const byStart = <T extends { startTime: [number, number] }>(spans: T[]): T[] =>
  spans.toSorted((a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1]);

test.for(kinds)(
  "a retried call of %s has its attempts as children, and a span of the server for each",
  async (kind) => {
    const sdk = new Sdk();
    const { address } = await startFlaky(2);
    const recorded = telemetry({ grpc: true, address });
    const interceptors = [recorded, retry({ ...policy, onRetry: recordRetry }), recorded];
    await call(new TestServiceStub(openChannel(address, { interceptors })), kind);
    const spans = byStart(await sdk.spans(7));
    const root = spans.find(({ name, kind: spanKind }) => spanKind === SpanKind.CLIENT && name === nameOf(kind));
    const attempts = spans.filter(({ name }) => name === `Attempt.${nameOf(kind)}`);
    expect(root?.attributes).toMatchObject({ "grpc.attempts": 3, "rpc.status_code": "OK" });
    expect(
      root?.events.map(({ name, attributes }) => [name, attributes?.["grpc.attempt"], attributes?.["rpc.status_code"]]),
    ).toEqual([
      ["grpc.retry", 2, "UNAVAILABLE"],
      ["grpc.retry", 3, "UNAVAILABLE"],
    ]);
    expect(
      attempts.map(({ attributes }) => [attributes["previous-rpc-attempts"], attributes["rpc.status_code"]]),
    ).toEqual([
      [undefined, "UNAVAILABLE"],
      [1, "UNAVAILABLE"],
      [2, "OK"],
    ]);
    for (const attempt of attempts) {
      expect(attempt.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);
      expect(
        spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === attempt.spanContext().spanId),
      ).toMatchObject([{ kind: SpanKind.SERVER }]);
    }
    const method = { "grpc.method": nameOf(kind), "grpc.target": address };
    expect(await sdk.points("grpc.client.attempt.started")).toMatchObject([{ attributes: method, sum: 3 }]);
    expect(await sdk.points("grpc.client.attempt.duration")).toMatchObject([
      { attributes: { ...method, "grpc.status": "UNAVAILABLE" }, count: 2 },
      { attributes: { ...method, "grpc.status": "OK" }, count: 1 },
    ]);
    expect(await sdk.points("grpc.client.call.duration")).toMatchObject([
      { attributes: { ...method, "grpc.status": "OK" }, count: 1 },
    ]);
    expect(await sdk.points("grpc.client.call.retries")).toMatchObject([{ attributes: method, count: 1, sum: 2 }]);
    const [delay] = await sdk.points("grpc.client.call.retry_delay");
    // 5 and 10 ms, less a jitter of a fifth. A busy machine waits for longer.
    expect(delay?.sum).toBeGreaterThan(0.0119);
    const pauses = attempts.slice(1).map(({ startTime }, i) => seconds(startTime) - seconds(attempts[i]?.endTime));
    expect(delay?.sum).toBeCloseTo((pauses[0] ?? 0) + (pauses[1] ?? 0), 1);
    expect(await sdk.points("rpc.client.call.duration")).toMatchObject([{ count: 1 }]);
  },
);

test("with the option retry of the channel, recordRetry() records the retries in the span of the call", async () => {
  const sdk = new Sdk();
  const { address } = await startFlaky(1);
  const options = { interceptors: [telemetry()], retry: { ...policy, onRetry: recordRetry } };
  await new TestServiceStub(openChannel(address, options)).unary({});
  const client = await sdk.span(SpanKind.CLIENT, 3);
  expect(client.attributes).toMatchObject({ "grpc.attempts": 2 });
  expect(client.events).toMatchObject([{ name: "grpc.retry", attributes: { "grpc.attempt": 2 } }]);
});

test("the attempts of a call that fails are known without recordRetry()", async () => {
  const sdk = new Sdk();
  const { address } = await startFlaky(9);
  await rejection(new TestServiceStub(openChannel(address, { interceptors: [telemetry()], retry: policy })).unary({}));
  expect((await sdk.span(SpanKind.CLIENT, 5)).attributes).toMatchObject({
    "grpc.attempts": 4,
    "rpc.status_code": "UNAVAILABLE",
  });
});

test("a call that an interceptor makes for another one is not an attempt of it", async () => {
  const sdk = new Sdk();
  const { address } = await startFlaky(0);
  const other = new TestServiceStub(openChannel(address, { interceptors: [telemetry()] }));
  const stub = new TestServiceStub(
    openChannel(address, {
      interceptors: [
        telemetry(),
        async (_call, next) => {
          await other.unary({});
          return next();
        },
      ],
    }),
  );
  await stub.unary({});
  expect((await sdk.spans(4)).map(({ name }) => name)).toEqual(Array.from({ length: 4 }, () => nameOf("unary")));
});

/** The metrics of gRPC about the attempts of one call: their names without a prefix, and the sums. */
async function attemptMetrics(sdk: Sdk) {
  const names = ["attempt.started", "attempt.duration", "call.retries", "call.retry_delay", "call.hedges"];
  const sums = names.map(async (name) => {
    const points = await sdk.points(`grpc.client.${name}`);
    const counted = name === "attempt.duration" ? "count" : "sum";
    return [name, points.length === 0 ? undefined : points.reduce((total, point) => total + point[counted], 0)];
  });
  return Object.fromEntries(await Promise.all(sums)) as Record<string, number | undefined>;
}

describe.for([
  ["with", { onRetry: recordRetry }],
  ["without", {}],
] as const)("%s recordRetry() and with the interceptor inside", ([, hook]) => {
  test("the delays of retries are measured", async () => {
    const sdk = new Sdk();
    const { address } = await startFlaky(1);
    const recorded = telemetry({ grpc: true });
    const interceptors = [recorded, retry({ ...policy, initialBackoff: 100, ...hook }), recorded];
    await new TestServiceStub(openChannel(address, { interceptors })).unary({});
    const { "call.retry_delay": delay, ...counts } = await attemptMetrics(sdk);
    expect(counts).toEqual({ "attempt.started": 2, "attempt.duration": 2, "call.retries": 1 });
    expect(delay).toBeGreaterThan(0.075);
    expect(delay).toBeLessThan(2);
  });

  test("hedged attempts are counted as hedges", async () => {
    const sdk = new Sdk();
    const { address } = await startSlow();
    const recorded = telemetry({ grpc: true });
    const interceptors = [recorded, retry({ ...hedging, ...hook }), recorded];
    await new TestServiceStub(openChannel(address, { interceptors })).unary({});
    expect(await attemptMetrics(sdk)).toEqual({ "attempt.started": 2, "attempt.duration": 2, "call.hedges": 1 });
  });

  test("a hedge that starts because another attempt has failed is a hedge", async () => {
    const sdk = new Sdk();
    const { address } = await startFailingLate();
    const recorded = telemetry({ grpc: true });
    const interceptors = [recorded, retry({ ...lateHedging, ...hook }), recorded];
    await new TestServiceStub(openChannel(address, { interceptors })).unary({});
    expect(await attemptMetrics(sdk)).toEqual({ "attempt.started": 3, "attempt.duration": 3, "call.hedges": 2 });
  });

  test("a call that ends before its next attempt has had one", async () => {
    const sdk = new Sdk();
    const { address } = await startFlaky(1);
    const recorded = telemetry({ grpc: true });
    const interceptors = [recorded, retry({ ...policy, initialBackoff: 5_000, ...hook }), recorded];
    await abortSoon(new TestServiceStub(openChannel(address, { interceptors })));
    expect(await attemptMetrics(sdk)).toEqual({ "attempt.started": 1, "attempt.duration": 1 });
    const root = (await sdk.spans(3)).find(
      ({ name, kind }) => kind === SpanKind.CLIENT && !name.startsWith("Attempt."),
    );
    expect(root?.attributes["grpc.attempts"]).toBeUndefined();
  });
});

describe("with recordRetry(), and without the interceptor inside", () => {
  const start = (address: string, policyOfCall: RetryPolicy) =>
    new TestServiceStub(
      openChannel(address, {
        interceptors: [telemetry({ grpc: true })],
        retry: { ...policyOfCall, onRetry: recordRetry },
      }),
    );

  test("a call counts as one attempt, and its retries and their delays are counted", async () => {
    const sdk = new Sdk();
    const { address } = await startFlaky(2);
    await start(address, { ...policy, initialBackoff: 50 }).unary({});
    const { "call.retry_delay": delay, ...counts } = await attemptMetrics(sdk);
    expect(counts).toEqual({ "attempt.started": 1, "attempt.duration": 1, "call.retries": 2 });
    // 50 and 100 ms, each with a jitter of a fifth.
    expect(delay).toBeCloseTo(0.15, 1);
  });

  test("hedged attempts are counted as hedges", async () => {
    const sdk = new Sdk();
    const { address } = await startSlow();
    await start(address, hedging).unary({});
    expect(await attemptMetrics(sdk)).toEqual({ "attempt.started": 1, "attempt.duration": 1, "call.hedges": 1 });
  });

  test("a hedge that starts because another attempt has failed is a hedge", async () => {
    const sdk = new Sdk();
    const { address } = await startFailingLate();
    await start(address, lateHedging).unary({});
    expect(await attemptMetrics(sdk)).toEqual({ "attempt.started": 1, "attempt.duration": 1, "call.hedges": 2 });
  });

  test("a call that ends before its next attempt has had one", async () => {
    const sdk = new Sdk();
    const { address } = await startFlaky(1);
    await abortSoon(start(address, { ...policy, initialBackoff: 5_000 }));
    expect(await attemptMetrics(sdk)).toEqual({ "attempt.started": 1, "attempt.duration": 1 });
    expect((await sdk.span(SpanKind.CLIENT, 2)).attributes["grpc.attempts"]).toBeUndefined();
  });
});

describe("if only one of two interceptors records gRPC's own metrics", () => {
  test.for([
    ["inner", 0, { "attempt.started": 1, "attempt.duration": 1 }],
    ["outer", 0, { "attempt.started": 1, "attempt.duration": 1 }],
    ["inner", 2, { "attempt.started": 3, "attempt.duration": 3 }],
    // The call counts as one attempt.
    ["outer", 2, { "attempt.started": 1, "attempt.duration": 1, "call.retries": 2 }],
  ] as const)("the %s one counts as many starts of attempts as ends, after %d failures", async (row) => {
    const [counting, failures, expected] = row;
    const sdk = new Sdk();
    const { address } = await startFlaky(failures);
    const [outer, inner] = [telemetry({ grpc: counting === "outer" }), telemetry({ grpc: counting === "inner" })];
    await new TestServiceStub(openChannel(address, { interceptors: [outer, retry(policy), inner] })).unary({});
    const { "call.retry_delay": _delay, ...counts } = await attemptMetrics(sdk);
    expect(counts).toEqual(expected);
  });
});

test("an attempt is counted when it starts, also that of a stream", async () => {
  const sdk = new Sdk();
  const { address } = await startServer({
    async *serverStream(_request, { signal }) {
      yield {};
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const recorded = telemetry({ grpc: true });
  for (const interceptors of [[recorded], [recorded, retry(policy), recorded]]) {
    const responses = new TestServiceStub(openChannel(address, { interceptors })).serverStream({});
    for await (const _ of responses) {
      expect(await sdk.points("grpc.client.attempt.started")).toMatchObject([
        { sum: interceptors.length === 1 ? 1 : 2 },
      ]);
      break;
    }
  }
});
