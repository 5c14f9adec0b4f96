import { context } from "@opentelemetry/api";
import { type RetryEvent, Status } from "../index.js";
import { guard } from "./guard.js";
import { callIn } from "./observed-call.js";

/**
 * Records a retry in the span of its call, as an event with the status of the failed
 * attempt, and counts it for the metrics of A96. For the `onRetry` of a retry policy:
 *
 * ```ts
 * const channel = new Channel("http://127.0.0.1:50051", {
 *   interceptors: [telemetry()],
 *   retry: { maxAttempts: 3, onRetry: recordRetry },
 * });
 * ```
 *
 * Needs a context manager, which SDKs register. Never throws.
 */
export function recordRetry({ method, attempt, error, delay }: RetryEvent): void {
  guard("record a retry", () => {
    const call = callIn(context.active(), method.path);
    call?.announce(error === undefined, delay);
    call?.start.span?.addEvent("grpc.retry", {
      "grpc.attempt": attempt,
      "grpc.retry.delay": delay / 1000,
      ...(error === undefined ? {} : { "rpc.status_code": Status[error.status] }),
    });
  });
}
