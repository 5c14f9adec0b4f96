import { textOf } from "../core/text-of.js";
import type { CallRequest, Transport } from "../transport/client.js";
import type { CalledMethod } from "./called-method.js";
import { intercept } from "./intercept.js";
import { retry, retryDeclaredErrors } from "./retry.js";
import type { RetryPolicy } from "./retry-policy.js";

/** Wraps a transport: its calls are repeated as the option says. @throws TypeError if it is invalid */
export function withRetries(
  transport: Transport,
  option: boolean | "transparent" | RetryPolicy | undefined,
): Transport {
  if (option === false || option === "transparent") return transport;
  if (option === undefined || option === true) return retryingDeclaredErrors(transport);
  if (Object(option) === option) return intercept(transport, [retry(option)]);
  const got = textOf(option);
  throw new TypeError(`retry takes true, false, "transparent" or a policy, as in { maxAttempts: 4 }, got ${got}`);
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
