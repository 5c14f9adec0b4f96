import type { ClientInterceptor, ClientResult, InterceptedClientCall } from "./interceptor.js";
import { InterceptorView } from "./interceptor-view.js";
import { makeAttempts } from "./make-attempts.js";
import { RequestBudget } from "./request-budget.js";
import { RetriedCall } from "./retried-call.js";
import { type RetryPolicy, type RetrySettings, retrySettings } from "./retry-policy.js";
import { RetryThrottle } from "./retry-throttle.js";

/**
 * Creates an interceptor that repeats failed calls. Without a policy, these are
 * calls that failed with UNAVAILABLE and that the server cannot have processed, or
 * whose method declares in the `.proto` file that it may be repeated. With or
 * without a policy, calls that failed with an error that their method declares as
 * retryable are repeated, too.
 *
 * ```ts
 * const channel = new Channel("http://127.0.0.1:50051", { retry: { maxAttempts: 3 } });
 * ```
 *
 * The option `retry` of a channel is this interceptor, inside of all others.
 *
 * A call is repeated until its response headers arrive, and all its attempts share
 * one deadline. If the next attempt would start after it, the call fails at once. The
 * time between attempts grows, unless the server sets it: with
 * `setRetryPushback()`, or a `google.rpc.RetryInfo` in the details of the error. The
 * caller gets the error of the last attempt, with the earlier ones in its `attempts`.
 *
 * Interceptors after this one run for each attempt, those before it once for the call.
 *
 * If calls go through several policies, an outer one does not repeat a call that an
 * inner one has already repeated, and an inner one does not repeat the attempts of
 * an outer one that hedges.
 *
 * @throws TypeError if the policy is invalid
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md
 */
export function retry(policy: RetryPolicy = {}): ClientInterceptor {
  return retryWith(retrySettings(policy));
}

/** Creates an interceptor that repeats only calls that failed with an error that their method declares as retryable. */
export function retryDeclaredErrors(): ClientInterceptor {
  return retryWith({ ...retrySettings({}), statuses: new Set() });
}

function retryWith(settings: RetrySettings): ClientInterceptor {
  const { maxBufferBytes, hedgingDelay, mayRepeat } = settings;
  const throttle = settings.throttling && new RetryThrottle(settings.throttling);
  const budget = new RequestBudget(settings.maxTotalBufferBytes);
  // The name is in the error of a call whose deadline passes between two attempts.
  return function retry(call, next) {
    const { method } = call;
    const hedged = hedgingDelay !== undefined && method.singleResponse && mayRepeat(method);
    // Otherwise an interceptor has made another object of it.
    if (call instanceof InterceptorView) {
      if (call.retried?.hedged) return next();
      call.retryWithin(budget, hedged);
    }
    if (!method.singleRequest) call.keepRequests(maxBufferBytes);
    const retried = new RetriedCall(call, next, settings, throttle);
    return hedged ? makeAttempts(retried, call, hedgingDelay) : repeat(retried, call);
  };
}

/** Makes one attempt after the other. A call whose first attempt succeeds costs no more than that attempt. */
async function repeat(retried: RetriedCall, call: InterceptedClientCall): Promise<ClientResult> {
  try {
    return await retried.attempt();
  } catch (error) {
    return makeAttempts(retried, call, undefined, Promise.reject(error));
  }
}
