import { AsyncLocalStorage } from "node:async_hooks";
import { ambientCalls } from "../client/ambient-call.js";
import type { ClientInterceptor } from "../client/interceptor.js";
import { isBinaryKey, Metadata } from "../core/metadata.js";
import { textOf } from "../core/text-of.js";
import type { InterceptedServerCall, ServerInterceptor } from "../server/interceptor.js";

/** All copies of this package in a process share it. */
const calls = () => ambientCalls(() => new AsyncLocalStorage<InterceptedServerCall>());

/** Makes calls inherit from the incoming call in whose handler, or interceptors, they are made. */
export function propagate(): ServerInterceptor {
  const incoming = calls();
  return (call, next) => incoming.run(call, next);
}

/**
 * Creates a client interceptor that sends metadata of the incoming call on, for
 * example a request ID: in calls that a handler makes, if its server has the option
 * `propagation`. The option `parent` of a call does not change that. Other calls pass
 * as they are, and so does a key that the call sets itself.
 *
 * ```ts
 * const channel = new Channel("http://127.0.0.1:50051", { interceptors: [forwardMetadata("x-request-id")] });
 * ```
 *
 * Give it only to channels whose server may see the values.
 *
 * @param keys names of metadata, for example `x-request-id` or `trace-bin`
 * @throws TypeError if there is no key, or one that metadata cannot have
 */
export function forwardMetadata(...keys: readonly string[]): ClientInterceptor {
  if (keys.length === 0) throw new TypeError('forwardMetadata() takes keys, as in forwardMetadata("x-request-id")');
  keys.forEach(checkKey);
  const incoming = calls();
  return async (call, next) => {
    const received = incoming.getStore()?.metadata;
    if (received !== undefined) {
      for (const key of keys) if (!call.metadata.has(key)) call.metadata.appendFrom(received, key);
    }
    return next();
  };
}

function checkKey(key: unknown): void {
  if (typeof key !== "string") throw new TypeError(`forwardMetadata() takes keys that are strings, got ${textOf(key)}`);
  new Metadata([[key, isBinaryKey(key) ? new Uint8Array() : ""]]);
}
