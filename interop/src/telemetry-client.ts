import { create } from "@bufbuild/protobuf";
import { GRPCError, Status } from "@grpclib-ts/runtime";
import { bindStub, type MethodErrors, methodErrors } from "@grpclib-ts/runtime/codegen";
import { Channel, Server } from "@grpclib-ts/runtime/node";
import { recordRetry, telemetry } from "@grpclib-ts/runtime/otel";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { detailsOf, errorNamed } from "./errors/errors.js";
import { clientFlags } from "./flags.js";
import { ErrorServiceBase, ErrorServiceStub } from "./gen/interop/v1/errors_grpclib.js";
import { ErrorService, type RaiseRequest, RaiseResponseSchema } from "./gen/interop/v1/errors_pb.js";

// Makes calls to a server in this process, and exports the telemetry of both sides to a collector.
const { server_host: host, server_port: port } = clientFlags();
const collector = `http://${host}:${port}`;

const resource = resourceFromAttributes({ "service.name": "interop" });
const tracerProvider = new BasicTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${collector}/v1/traces` }))],
});
const exporter = new OTLPMetricExporter({ url: `${collector}/v1/metrics` });
const meterProvider = new MeterProvider({ resource, readers: [new PeriodicExportingMetricReader({ exporter })] });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const recorded = { tracerProvider, meterProvider, propagator: new W3CTraceContextPropagator(), grpc: true };

class Errors extends ErrorServiceBase {
  #attempts = 0;

  override async raise({ name }: RaiseRequest) {
    if (name === "unavailable" && this.#attempts++ === 1) return {};
    const error = errorNamed(name);
    throw new GRPCError(error.code, error.message, detailsOf(error));
  }

  override async *raiseLater(_: RaiseRequest) {
    yield create(RaiseResponseSchema);
  }
}

/** The contract that the client knows. */
const declared = {
  NOT_VALID: { status: Status.INVALID_ARGUMENT, reason: "NOT_VALID", domain: "library.example" },
};
const contract = { Raise: methodErrors<MethodErrors<GRPCError>>(ErrorService.method.raise, declared) };

const server = new Server([new Errors()], { interceptors: [telemetry(recorded)], contracts: "off" });
const { port: own } = await server.listen({ host: "127.0.0.1", port: 0 });
const address = `http://127.0.0.1:${own}`;
const channel = new Channel(address, {
  interceptors: [telemetry({ ...recorded, address })],
  retry: { methods: () => true, initialBackoff: 1, onRetry: recordRetry },
});
const stub = new ErrorServiceStub(channel);
bindStub(stub, channel, ErrorService, contract);

await tracerProvider.getTracer("interop").startActiveSpan("all calls", async (span) => {
  for await (const _ of stub.raiseLater({}));
  await stub.raise({ name: "unavailable" });
  await stub.raise.safe({ name: "three_details_in_order" });
  span.end();
});
await channel.close();
await server.close();
// Both export what they have. Rejects if the collector refuses spans.
await tracerProvider.forceFlush();
await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
