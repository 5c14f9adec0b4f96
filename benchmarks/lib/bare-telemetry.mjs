import { context, metrics, propagation, SpanKind, trace } from "@opentelemetry/api";

/**
 * Creates an interceptor that makes the calls to OpenTelemetry that no instrumentation can do without, and nothing else:
 * it ignores failures and errors. What telemetry() costs more is its own.
 */
export function bareTelemetry(side) {
  const tracer = trace.getTracer("bare");
  const duration = metrics.getMeter("bare").createHistogram(`rpc.${side}.call.duration`);
  const isServer = side === "server";
  const kind = isServer ? SpanKind.SERVER : SpanKind.CLIENT;
  return (call, next) => {
    const start = performance.now();
    const { path } = call.method;
    const attributes = { "rpc.system.name": "grpc", "rpc.method": path };
    const parent = isServer ? propagation.extract(context.active(), call.metadata, getter) : context.active();
    const span = tracer.startSpan(path, { kind, attributes }, parent);
    const active = trace.setSpan(parent, span);
    if (!isServer) propagation.inject(active, call.metadata, setter);
    return context.with(active, next).then((result) => {
      span.end();
      const outcome = { ...attributes, "rpc.status_code": "OK" };
      duration.record((performance.now() - start) / 1000, outcome, active);
      return result;
    });
  };
}

const setter = { set: (metadata, key, value) => void metadata.set(key, value) };
const getter = { keys: (metadata) => Array.from(metadata, ([key]) => key), get: (metadata, key) => metadata.get(key) };
