import assert from "node:assert/strict";
import type { ServerContext } from "@grpclib-ts/runtime";
import { Channel, Server } from "@grpclib-ts/runtime/node";
import { telemetry } from "@grpclib-ts/runtime/otel";
import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { clientFlags } from "./flags.js";
import { TracingServiceBase, TracingServiceStub } from "./gen/interop/v1/tracing_grpclib.js";
import type { VisitRequest } from "./gen/interop/v1/tracing_pb.js";
import { writeSpans } from "./write-spans.js";

// Makes a call over three services: ours, the one in Python, ours. Exits with 0 if all their spans are one trace.
// Appends its spans to the file SPANS_FILE, if there is one.
const { server_host: host, server_port: pythonPort, test_case: name } = clientFlags();

const exporter = new InMemorySpanExporter();
const root = name === "not_sampled" ? new AlwaysOffSampler() : new AlwaysOnSampler();
const provider = new BasicTracerProvider({
  sampler: new ParentBasedSampler({ root }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(
  new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
);

function stubFor(port: number | string): { stub: TracingServiceStub; channel: Channel } {
  const address = `http://${host}:${port}`;
  const channel = new Channel(address, { interceptors: [telemetry({ address })] });
  return { stub: new TracingServiceStub(channel), channel };
}

class TracingService extends TracingServiceBase {
  override async visit({ ports: [port, ...others] }: VisitRequest, parent: ServerContext) {
    const own = trace.getActiveSpan()?.spanContext();
    const seen = {
      spans: [{ service: "ours", kind: "SERVER", traceId: own?.traceId ?? "", spanId: own?.spanId ?? "" }],
      tenants: [propagation.getActiveBaggage()?.getEntry("tenant")?.value ?? "none"],
    };
    if (port === undefined) return seen;
    const { stub, channel } = stubFor(port);
    const further = await stub.visit({ ports: others }, { parent });
    await channel.close();
    return { spans: [...seen.spans, ...further.spans], tenants: [...seen.tenants, ...further.tenants] };
  }
}

async function visitAll() {
  const servers = [1, 2].map(() => new Server([new TracingService()], { interceptors: [telemetry()] }));
  const [first, last] = await Promise.all(servers.map((server) => server.listen({ host: "127.0.0.1", port: 0 })));
  assert.ok(first && last);
  const { stub, channel } = stubFor(first.port);
  const baggage = propagation.createBaggage({ tenant: { value: "7&8=9" } });
  const active = name === "baggage" ? propagation.setBaggage(context.active(), baggage) : context.active();
  const visited = await context.with(active, () => stub.visit({ ports: [Number(pythonPort), last.port] }));
  await channel.close();
  await Promise.all(servers.map((server) => server.close()));
  return visited;
}

const cases: Record<string, () => Promise<void>> = {
  async one_trace() {
    const { spans } = await visitAll();
    const ended = exporter.getFinishedSpans().map((span) => ({
      name: span.name,
      kind: SpanKind[span.kind],
      traceId: span.spanContext().traceId,
      spanId: span.spanContext().spanId,
      parentSpanId: span.parentSpanContext?.spanId ?? "",
    }));
    const all = [...ended, ...spans.filter(({ service }) => service === "python")];
    // From the call of this program to the handler of the last service, each span is the child of the one before.
    const kinds: string[] = [];
    for (let parent: string | undefined = ""; parent !== undefined; ) {
      const children = all.filter(({ parentSpanId }) => parentSpanId === parent);
      assert.ok(children.length <= 1, `${parent} has ${children.length} children`);
      const [child] = children;
      if (child !== undefined) kinds.push(child.kind);
      assert.equal(child?.name ?? "interop.v1.TracingService/Visit", "interop.v1.TracingService/Visit");
      parent = child?.spanId;
    }
    assert.deepEqual(kinds, ["CLIENT", "SERVER", "CLIENT", "SERVER", "CLIENT", "SERVER"]);
    assert.equal(new Set(all.map(({ traceId }) => traceId)).size, 1);
    assert.equal(all.length, 6);
  },
  async not_sampled() {
    const { spans } = await visitAll();
    assert.deepEqual(exporter.getFinishedSpans(), []);
    // The trace goes on, but Python does not record it either.
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    assert.deepEqual(
      spans.filter(({ service }) => service === "python").map(({ sampled }) => sampled),
      [false],
    );
  },
  async baggage() {
    const { tenants } = await visitAll();
    assert.deepEqual(tenants, ["7&8=9", "7&8=9", "7&8=9"]);
  },
};

const run = cases[name];
if (run === undefined) throw new Error(`There is no case ${name}`);
await run();
if (process.env["SPANS_FILE"] !== undefined) writeSpans(process.env["SPANS_FILE"], exporter.getFinishedSpans());
