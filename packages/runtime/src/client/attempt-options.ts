import type { AroundAttempt, Intercepted } from "./intercepted.js";
import type { ResolvedOptions } from "./resolve-options.js";

/** The options of an attempt on the transport. */
export function attemptOptions({ request, deadline, values }: Intercepted, around: AroundAttempt): ResolvedOptions {
  const { timeout, compression, waitForReady } = request;
  return {
    deadline,
    // What the caller gave, unless time has passed since, see ResolvedOptions.
    timeout: timeout === undefined || (deadline && timeout - deadline.remaining() < 1) ? timeout : undefined,
    signal: undefined,
    parentSignal: undefined,
    metadata: around.metadataToSend,
    compression,
    waitForReady,
    previousAttempts: around.attemptsBefore,
    values,
    retried: around.retried,
    onHeaders: undefined,
    onTrailers: undefined,
  };
}
