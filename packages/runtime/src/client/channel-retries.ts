import { textOf } from "../core/text-of.js";
import type { CallRequest, Transport } from "../transport/client.js";
import type { CalledMethod } from "./called-method.js";
import { intercept } from "./intercept.js";
import { retry, retryDeclaredErrors } from "./retry.js";
import type { RetryOption, RetryPolicy } from "./retry-policy.js";

/** Wraps a transport: its calls are repeated as they say, or else as the option says. @throws TypeError if it is invalid */
export function withRetries(transport: Transport, option: RetryOption | undefined = true): Transport {
  const withoutPolicy = retryingDeclaredErrors(transport);
  /** Calls with the same policy share its limits. */
  const withPolicies = new WeakMap<RetryPolicy, Transport>();
  const retrying = (option: CallRequest["retry"]): Transport => {
    if (option === true) return withoutPolicy;
    if (option === false || option === "transparent") return transport;
    if (Object(option) !== option) {
      throw new TypeError(`retry takes a boolean, "transparent" or a policy, got ${textOf(option)}`);
    }
    const policy = option as RetryPolicy;
    const known = withPolicies.get(policy) ?? intercept(transport, [retry(policy)]);
    withPolicies.set(policy, known);
    return known;
  };
  retrying(option);
  return {
    start: (request, listener) =>
      retrying(request.retry === undefined ? option : request.retry).start(request, listener),
  };
}

/** Repeats calls that fail with an error declared as retryable. Other methods bypass the interceptor, so they cost nothing. */
function retryingDeclaredErrors(transport: Transport): Transport {
  const retrying = intercept(transport, [retryDeclaredErrors()]);
  return {
    start: (request, listener) => (hasRetryableErrors(request) ? retrying : transport).start(request, listener),
  };
}

/** Whether the method declares retryable errors, and no outer `retry()` already repeats the call. */
function hasRetryableErrors({ method, retried }: CallRequest): boolean {
  const { contract }: Partial<CalledMethod> = method;
  return contract?.retryable === true && retried === undefined;
}
