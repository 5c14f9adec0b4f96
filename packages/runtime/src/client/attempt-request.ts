import type { CallRequest } from "../transport/client.js";
import type { AroundAttempt, Intercepted } from "./intercepted.js";
import { timeoutToSend } from "./resolve-options.js";

/** What an attempt asks of the transport. */
export function attemptRequest({ request, method, deadline, values }: Intercepted, around: AroundAttempt): CallRequest {
  return {
    ...request,
    method,
    metadata: around.metadataToSend,
    timeout: timeoutToSend(request.timeout, deadline),
    previousAttempts: around.attemptsBefore,
    values,
    retried: around.retried,
  };
}
