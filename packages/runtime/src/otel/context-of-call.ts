import { type Context, createContextKey } from "@opentelemetry/api";
import type { ObservedCall } from "./observed-call.js";

/**
 * A context that also has the outgoing call that is under way. `setValue()` would
 * do the same, but it copies all values: a map and three closures for each call.
 */
export class ContextOfCall implements Context {
  readonly #context: Context;
  readonly #call: ObservedCall;

  constructor(context: Context, call: ObservedCall) {
    this.#context = context;
    this.#call = call;
  }

  getValue(key: symbol): unknown {
    return key === callKey ? this.#call : this.#context.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new ContextOfCall(this.#context.setValue(key, value), this.#call);
  }

  deleteValue(key: symbol): Context {
    return new ContextOfCall(this.#context.deleteValue(key), this.#call);
  }
}

/** The outgoing call that is under way in a context. */
export function callIn(active: Context): ObservedCall | undefined {
  return active.getValue(callKey) as ObservedCall | undefined;
}

const callKey = createContextKey("@grpclib-ts/runtime: the outgoing call");
