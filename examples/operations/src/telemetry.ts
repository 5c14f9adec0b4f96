import { SpanKind } from "@opentelemetry/api";
import { NodeTracerProvider, type ReadableSpan, type SpanProcessor } from "@opentelemetry/sdk-trace-node";

/** Prints spans. For a collector, use a BatchSpanProcessor with an exporter instead. */
const print: SpanProcessor = {
  onStart() {},
  onEnd({ name, kind, attributes }: ReadableSpan) {
    const reason = attributes["grpc.error.reason"] ?? "";
    console.log(`  ${SpanKind[kind]} ${name} ${attributes["rpc.status_code"]} ${reason}`.trimEnd());
  },
  async forceFlush() {},
  async shutdown() {},
};

new NodeTracerProvider({ spanProcessors: [print] }).register();
