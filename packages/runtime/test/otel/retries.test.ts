import { SpanKind } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { GRPCError, retry, Status } from "../../src/index.js";
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
    expect(delay?.sum).toBeGreaterThan(0.008);
    expect(delay?.sum).toBeLessThan(0.03);
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

test("hedged attempts are counted as hedges", async () => {
  const sdk = new Sdk();
  const { address } = await startServer(
    {
      async unary(_request, { previousAttempts }) {
        if (previousAttempts === 0) await new Promise((resolve) => setTimeout(resolve, 300));
        return {};
      },
    },
    { interceptors: [telemetry({ grpc: true })] },
  );
  const recorded = telemetry({ grpc: true });
  const hedging = retry({ maxAttempts: 2, hedgingDelay: 20, methods: () => true, onRetry: recordRetry });
  await new TestServiceStub(openChannel(address, { interceptors: [recorded, hedging, recorded] })).unary({});
  expect(await sdk.points("grpc.client.call.hedges")).toMatchObject([{ sum: 1 }]);
  expect(await sdk.points("grpc.client.call.retries")).toEqual([]);
});
