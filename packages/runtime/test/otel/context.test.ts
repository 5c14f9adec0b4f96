import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import type { ClientInterceptor, ServerContext } from "../../src/index.js";
import { telemetry } from "../../src/otel.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { collect, openChannel } from "../harness.js";
import { Sdk } from "./sdk.js";
import { startObserved } from "./service.js";

const activeSpan = () => trace.getActiveSpan()?.spanContext().spanId;
const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

test.for(kinds)("the span is active in a handler of %s, also after it has awaited something", async (kind) => {
  const sdk = new Sdk();
  const seen: unknown[] = [];
  const { stub } = await startObserved(
    handleAll(async () => {
      seen.push(activeSpan());
      await turn();
      seen.push(activeSpan());
      return {};
    }),
  );
  await call(stub, kind);
  const { spanId } = (await sdk.span(SpanKind.SERVER, 2)).spanContext();
  expect(seen).toEqual([spanId, spanId]);
});

test("the span is active in each step of a generator of responses, and while requests are read", async () => {
  const sdk = new Sdk();
  const seen: unknown[] = [];
  const { stub } = await startObserved({
    async *bidi(requests) {
      for await (const { number } of requests) {
        seen.push(activeSpan());
        await turn();
        seen.push(activeSpan());
        yield { number };
        seen.push(activeSpan());
      }
    },
  });
  const requests = async function* () {
    for (const number of [1, 2, 3]) {
      await turn();
      yield { number };
    }
  };
  expect(await collect(stub.bidi(requests()))).toHaveLength(3);
  const { spanId } = (await sdk.span(SpanKind.SERVER, 2)).spanContext();
  expect(seen).toEqual(Array.from({ length: 9 }, () => spanId));
});

test("calls at the same time do not see each other's spans", async () => {
  const sdk = new Sdk();
  const { stub } = await startObserved({
    async unary({ number }) {
      const before = activeSpan();
      await new Promise((resolve) => setTimeout(resolve, 5 * (number % 4)));
      return { text: before === activeSpan() ? String(before) : "another span" };
    },
  });
  const texts = await Promise.all(Array.from({ length: 20 }, async (_, number) => (await stub.unary({ number })).text));
  const servers = (await sdk.spans(40)).filter(({ kind }) => kind === SpanKind.SERVER);
  expect(new Set(texts)).toEqual(new Set(servers.map((span) => span.spanContext().spanId)));
});

test.for(kinds)("the client's span is active in interceptors inside, and not in the caller: %s", async (kind) => {
  const sdk = new Sdk();
  const seen: unknown[] = [];
  const look: ClientInterceptor = async (_call, next) => {
    seen.push(activeSpan());
    try {
      return await next();
    } finally {
      seen.push(activeSpan());
    }
  };
  const { address } = await startObserved(handleAll(() => ({})));
  const stub = new TestServiceStub(openChannel(address, { interceptors: [telemetry(), look] }));
  await call(stub, kind);
  expect(activeSpan()).toBeUndefined();
  const { spanId } = (await sdk.span(SpanKind.CLIENT, 2)).spanContext();
  expect(seen).toEqual([spanId, spanId]);
});

describe("propagation", () => {
  test("a trace goes over two hops, with its baggage", async () => {
    const sdk = new Sdk();
    const seen: unknown[] = [];
    const last = await startObserved({
      async unary() {
        seen.push(propagation.getActiveBaggage()?.getEntry("tenant")?.value);
        return {};
      },
    });
    const first = await startObserved({ unary: (_request, parent: ServerContext) => last.stub.unary({}, { parent }) });
    const baggage = propagation.createBaggage({ tenant: { value: "7" } });
    const root = trace.getTracer("test").startSpan("root");
    const active = propagation.setBaggage(trace.setSpan(context.active(), root), baggage);
    await context.with(active, () => first.stub.unary({}));
    root.end();
    const spans = await sdk.spans(5);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    let id: string | undefined = root.spanContext().spanId;
    for (const kind of ["CLIENT", "SERVER", "CLIENT", "SERVER"]) {
      const child = spans.find((span) => span.parentSpanContext?.spanId === id);
      expect(child && SpanKind[child.kind]).toBe(kind);
      id = child?.spanContext().spanId;
    }
    expect(seen).toEqual(["7"]);
  });

  test("metadata of the caller stays, and a traceparent in it is replaced", async () => {
    const sdk = new Sdk();
    const seen: unknown[] = [];
    const { stub } = await startObserved({
      async unary(_request, { metadata }) {
        seen.push(metadata.getAll("traceparent"), metadata.get("mine"));
        return {};
      },
    });
    await stub.unary(
      {},
      { metadata: { traceparent: "00-11111111111111111111111111111111-1111111111111111-01", mine: "1" } },
    );
    const { traceId, spanId } = (await sdk.span(SpanKind.CLIENT, 2)).spanContext();
    expect(seen).toEqual([[`00-${traceId}-${spanId}-01`], "1"]);
  });

  test("what is not a context is ignored", async () => {
    const sdk = new Sdk();
    const { address } = await startObserved({ unary: async () => ({}) });
    const stub = new TestServiceStub(openChannel(address));
    const odd = ["", "00", "x".repeat(500), "00-00000000000000000000000000000000-0000000000000000-01"];
    for (const traceparent of odd)
      await stub.unary(
        {},
        {
          metadata: [
            ["traceparent", traceparent],
            ["traceparent", traceparent],
          ],
        },
      );
    for (const span of await sdk.spans(odd.length)) expect(span.parentSpanContext).toBeUndefined();
  });
});

test("a server that is started while a span is active does not make its calls children of that span", async () => {
  const sdk = new Sdk();
  const starting = trace.getTracer("test").startSpan("start");
  const started = await context.with(trace.setSpan(context.active(), starting), async () => {
    const { address } = await startObserved({ unary: async () => ({ text: String(activeSpan()) }) });
    const stub = new TestServiceStub(openChannel(address));
    await stub.unary({});
    return stub;
  });
  await started.unary({});
  for (const span of await sdk.spans(2)) expect(span.parentSpanContext).toBeUndefined();
});

test("without an SDK, calls are as before, and have no metadata added", async () => {
  const { stub } = await startObserved({
    unary: async (_request, { metadata }) => ({ text: JSON.stringify(metadata) }),
  });
  expect((await stub.unary({})).text).toBe('{"user-agent":["grpclib-ts"]}');
});

test("filter() leaves calls out, with the spans inside them", async () => {
  const sdk = new Sdk();
  const filter = (path: string) => !path.endsWith("/Unary");
  const { stub } = await startObserved(
    handleAll(() => ({})),
    { server: { filter }, client: { filter } },
  );
  await call(stub, "unary");
  await call(stub, "bidi");
  for (const span of await sdk.spans(2)) expect(span.name).toBe("test.v1.TestService/Bidi");
});
