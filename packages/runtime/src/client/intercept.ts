import { textOf } from "../core/text-of.js";
import type { Transport } from "../transport/client.js";
import type { HeldCalls } from "../transport/closing.js";
import { InterceptedCall, type Route } from "./intercepted-call.js";
import type { ClientInterceptor } from "./interceptor.js";

/**
 * Wraps a transport: its calls go through interceptors. The first one is the
 * outermost: it sees the call first, and the result last.
 *
 * ```ts
 * const print: ClientInterceptor = async (call, next) => {
 *   console.log(call.method.path);
 *   return next();
 * };
 * const stub = new LibraryServiceStub(intercept(new Channel("http://127.0.0.1:50051"), [print]));
 * ```
 *
 * @throws TypeError if the interceptors are not a list of functions
 */
export function intercept(transport: Transport, interceptors: readonly ClientInterceptor[]): Transport {
  return interceptTracked(transport, interceptors, undefined);
}

/** The same. `held` has each call until it is over, so that closing a channel can end it. */
export function interceptTracked(inner: Transport, list: readonly ClientInterceptor[], held?: HeldCalls): Transport {
  if (!Array.isArray(list)) {
    throw new TypeError(`interceptors takes a list of functions, got ${textOf(list)}`);
  }
  for (const interceptor of list) {
    if (typeof interceptor === "function") continue;
    throw new TypeError(`An interceptor is a function, as in async (call, next) => next(), got ${textOf(interceptor)}`);
  }
  const [outermost, ...others]: ClientInterceptor[] = list;
  if (outermost === undefined) return inner;
  const route: Route = { interceptors: [outermost, ...others], transport: inner, held };
  return { start: (request, listener) => new InterceptedCall(route, request, listener).start() };
}
