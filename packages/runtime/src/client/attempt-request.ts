import type { CallRequest } from "../transport/client.js";
import type { AroundAttempt, Intercepted } from "./intercepted.js";

/** What an attempt asks of the transport. */
export function attemptRequest({ request, method, deadline, values }: Intercepted, around: AroundAttempt): CallRequest {
  const { timeout, compression, waitForReady } = request;
  const left = deadline?.remaining();
  return {
    method,
    metadata: around.metadataToSend,
    // What the caller gave, unless time has passed since, see ResolvedOptions.
    timeout: timeout !== undefined && left !== undefined && timeout - left < 1 ? timeout : left,
    compression,
    waitForReady,
    previousAttempts: around.attemptsBefore,
    values,
    retried: around.retried,
  };
}
