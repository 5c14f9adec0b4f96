import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from "@opentelemetry/api";
import type { Metadata } from "../index.js";
import { guard } from "./guard.js";

/** A call. Its metadata is parsed or created only when a propagator asks for it. */
interface Carrier {
  readonly metadata: Metadata;
}

const setter: TextMapSetter<Carrier> = { set: ({ metadata }, key, value) => void metadata.set(key, value) };

const getter: TextMapGetter<Carrier> = {
  keys: ({ metadata }) => [...new Set(Array.from(metadata, ([key]) => key))],
  get({ metadata }, key) {
    // Most of the keys that propagators ask for are absent.
    if (!metadata.has(key)) return undefined;
    const values: unknown[] = metadata.getAll(key);
    // Binary values are not for text propagators.
    const texts = values.filter((value) => typeof value === "string");
    return texts.length > 1 ? texts : texts[0];
  },
};

/** Adds a context to the metadata of an outgoing call. */
export function inject(active: Context, call: Carrier, propagator: TextMapPropagator | undefined): void {
  guard("send the context", () => (propagator ?? propagation).inject(active, call, setter));
}

/** The context in the metadata of a call. It does not inherit the context in which the server was started. */
export function extract(call: Carrier, propagator: TextMapPropagator | undefined): Context {
  const read = () => (propagator ?? propagation).extract(ROOT_CONTEXT, call, getter);
  return guard("read the context", read) ?? ROOT_CONTEXT;
}

/** Runs a function in a context. */
export function runIn<Result>(active: Context, run: () => Promise<Result>): Promise<Result> {
  let result: Promise<Result> | undefined;
  const start = () => {
    result = run();
  };
  guard("activate the context", () => context.with(active, start));
  return result ?? run();
}
