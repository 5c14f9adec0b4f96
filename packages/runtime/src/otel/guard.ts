import { diag } from "@opentelemetry/api";

const log = diag.createComponentLogger({ namespace: "@grpclib-ts/runtime/otel" });

/**
 * Runs code of an SDK, which may have samplers, processors and propagators of the user. If it throws, OpenTelemetry's
 * own log gets the error, and the call goes on.
 *
 * @param activity for the log, as in "start a span"
 */
export function guard<T>(activity: string, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    try {
      log.error(`Cannot ${activity}`, error);
    } catch {
      // The log fails, too: nobody is left to tell.
    }
    return undefined;
  }
}
