import { check } from "../core/check-options.js";
import type { CallRequest, Transport } from "../transport/client.js";
import type { HeldCalls } from "../transport/closing.js";
import type { CalledMethod } from "./called-method.js";
import { interceptTracked } from "./intercept.js";
import { retry, retryDeclaredErrors } from "./retry.js";
import type { RetryOption, RetryPolicy } from "./retry-policy.js";

/**
 * Wraps a transport: its calls are repeated as they say, or else as the option says.
 *
 * @throws TypeError if the option is invalid. So does `start()` if that of the call is
 */
export function withRetries(transport: Transport, held: HeldCalls | undefined, option: RetryOption = true): Transport {
  const withoutPolicy = retryingDeclaredErrors(transport, held);
  /** Calls with the same policy share its limits. */
  const withPolicies = new WeakMap<RetryPolicy, Transport>();
  const retrying = (wanted: RetryOption): Transport => {
    if (wanted === true) return withoutPolicy;
    if (wanted === false || wanted === "transparent") return transport;
    check(wanted, Object(wanted) === wanted, 'retry takes a boolean, "transparent" or a policy');
    const known = withPolicies.get(wanted) ?? interceptTracked(transport, [retry(wanted)], held);
    withPolicies.set(wanted, known);
    return known;
  };
  retrying(option);
  return {
    start: (request, listener) =>
      retrying(request.retry === undefined ? option : (request.retry as RetryOption)).start(request, listener),
  };
}

/** Repeats calls that fail with an error declared as retryable. Other methods bypass the interceptor, so they cost nothing. */
function retryingDeclaredErrors(transport: Transport, held: HeldCalls | undefined): Transport {
  const retrying = interceptTracked(transport, [retryDeclaredErrors()], held);
  return {
    start: (request, listener) => (hasRetryableErrors(request) ? retrying : transport).start(request, listener),
  };
}

/** Whether the method declares retryable errors, and no outer `retry()` already repeats the call. */
function hasRetryableErrors({ method, retried }: CallRequest): boolean {
  const { contract }: Partial<CalledMethod> = method;
  return contract?.retryable === true && retried === undefined;
}
