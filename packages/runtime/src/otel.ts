/**
 * Traces and metrics with OpenTelemetry. Needs the package `@opentelemetry/api`, and
 * runs on any platform.
 *
 * @module
 */
export type { TelemetryOptions } from "./otel/options.js";
export { recordRetry } from "./otel/retries.js";
export { telemetry } from "./otel/telemetry.js";
