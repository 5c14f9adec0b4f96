import type { CallRequest } from "../transport/client.js";
import type { InterceptorView } from "./interceptor-view.js";
import type { ResolvedOptions } from "./resolve-options.js";

/**
 * The options of an attempt of an intercepted call.
 *
 * @param request what the caller, or the interceptor outside, asks for
 * @param earlierAttempts how many attempts this interceptor has started before
 */
export function attemptOptions(view: InterceptorView, request: CallRequest, earlierAttempts: number): ResolvedOptions {
  const { metadataToSend: metadata, deadline, values } = view;
  const { timeout, compression, waitForReady, previousAttempts } = request;
  return {
    deadline,
    // What the caller gave, unless time has passed since, see ResolvedOptions.
    timeout: timeout === undefined || (deadline && timeout - deadline.remaining() < 1) ? timeout : undefined,
    signal: undefined,
    parentSignal: undefined,
    metadata,
    compression,
    waitForReady,
    previousAttempts: previousAttempts + earlierAttempts,
    values,
    retried: request.retried || view.retried,
    onHeaders: undefined,
    onTrailers: undefined,
  };
}
