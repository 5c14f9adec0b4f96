import { appendFileSync } from "node:fs";
import { SpanKind } from "@opentelemetry/api";
import { hrTimeToMicroseconds } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

/** Appends spans to a file, one line of JSON for each. The times are microseconds since 1970. */
export function writeSpans(file: string, spans: readonly ReadableSpan[]): void {
  for (const span of spans) {
    const line = {
      language: "TypeScript",
      name: span.name,
      kind: SpanKind[span.kind],
      spanId: span.spanContext().spanId,
      parentSpanId: span.parentSpanContext?.spanId,
      start: hrTimeToMicroseconds(span.startTime),
      end: hrTimeToMicroseconds(span.endTime),
      attributes: span.attributes,
    };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  }
}
