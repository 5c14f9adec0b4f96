import { type Attributes, context, metrics, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  type HistogramMetricData,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { onTestFinished, vi } from "vitest";

/** A span, as tests compare it. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly message?: string;
  readonly attributes: Attributes;
}

/** An SDK with everything registered globally, until the test is over. */
export class Sdk {
  readonly exporter = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #reader = new PeriodicExportingMetricReader({ exporter: this.#metrics, exportIntervalMillis: 1e6 });

  constructor(options: { readonly sampler?: Sampler; readonly processors?: SpanProcessor[] } = {}) {
    const { processors = [new SimpleSpanProcessor(this.exporter)], sampler } = options;
    const tracers = new BasicTracerProvider({ spanProcessors: processors, ...(sampler && { sampler }) });
    const meters = new MeterProvider({ readers: [this.#reader] });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(
      new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
    );
    trace.setGlobalTracerProvider(tracers);
    metrics.setGlobalMeterProvider(meters);
    onTestFinished(async () => {
      for (const api of [context, propagation, trace, metrics]) api.disable();
      await tracers.shutdown();
      await meters.shutdown();
    });
  }

  /** The spans that have ended, as soon as there are so many. */
  async spans(count: number): Promise<ReadableSpan[]> {
    return await vi.waitFor(() => {
      const spans = this.exporter.getFinishedSpans();
      if (spans.length !== count) {
        throw new Error(`Expected ${count} spans, got ${spans.length}: ${spans.map(({ name }) => name).join(", ")}`);
      }
      return spans;
    }, 5_000);
  }

  /** The first span of a kind that ends. The other side of the call need not have one. */
  async first(kind: SpanKind): Promise<ReadableSpan> {
    return await vi.waitFor(() => {
      const span = this.exporter.getFinishedSpans().find((each) => each.kind === kind);
      if (span === undefined) throw new Error(`There is no span of the kind ${SpanKind[kind]}`);
      return span;
    }, 5_000);
  }

  /** The only span of a kind. */
  async span(kind: SpanKind, count: number): Promise<ReadableSpan> {
    const [span, ...others] = (await this.spans(count)).filter((each) => each.kind === kind);
    if (span === undefined || others.length > 0) throw new Error(`${others.length + 1} spans are ${SpanKind[kind]}`);
    return span;
  }

  /** The points of a metric: their attributes, and values or counts. */
  async points(name: string): Promise<{ attributes: Attributes; count: number; sum: number }[]> {
    const metric = await this.metric(name);
    return (metric?.dataPoints ?? []).map(({ attributes, value }) =>
      typeof value === "number"
        ? { attributes, count: value, sum: value }
        : {
            attributes,
            count: (value as HistogramMetricData["dataPoints"][0]["value"]).count,
            sum: (value as HistogramMetricData["dataPoints"][0]["value"]).sum ?? 0,
          },
    );
  }

  async metric(name: string): Promise<MetricData | undefined> {
    await this.#reader.forceFlush();
    const all =
      this.#metrics
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
    return all.find(({ descriptor }) => descriptor.name === name);
  }

  async metricNames(): Promise<string[]> {
    await this.#reader.forceFlush();
    const all =
      this.#metrics
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
    return all.map(({ descriptor }) => descriptor.name).sort();
  }
}

/** What tests compare of a span. */
export function shown({ name, kind, status, attributes }: ReadableSpan): SpanRecord {
  return {
    name,
    kind: SpanKind[kind],
    status: SpanStatusCode[status.code],
    ...(status.message === undefined ? {} : { message: status.message }),
    attributes,
  };
}
