import { createRequire } from "node:module";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { startSampledSdk } from "../../lib/sampled-sdk.mjs";

/** Starts the SDK, and instruments grpc-js. Call it before anything imports grpc-js. */
export function instrumentGrpcJs() {
  startSampledSdk();
  registerInstrumentations({ instrumentations: [new GrpcInstrumentation()] });
  // The instrumentation changes the exports of the module when it is required, which an import does not do.
  createRequire(import.meta.url)("@grpc/grpc-js");
}
