export type { TracerProvider } from "@opentelemetry/api";

import { type recordRetry, type TelemetryOptions, telemetry } from "@grpclib-ts/runtime/otel";

export const interceptor = (...args: Parameters<typeof telemetry>) => telemetry(...args);
export const call = (...args: Parameters<ReturnType<typeof telemetry>>) => args;
export const retry = (...args: Parameters<typeof recordRetry>) => args;
export const options = (of: TelemetryOptions) => ({ ...of });
