import { processWide } from "../core/process-wide.js";
import type { ParentCall } from "./call-options.js";

/** What knows the incoming call that the current code runs in, such as an `AsyncLocalStorage`. */
export interface AmbientCalls {
  getStore(): ParentCall | undefined;
}

/** `undefined` in a process without a server that propagates its calls. */
const ambient = processWide("ambient-calls-1", (): { calls?: AmbientCalls } => ({}));

/** The incoming call that the current code runs in, if its server propagates calls. */
export function ambientCall(): ParentCall | undefined {
  return ambient().calls?.getStore();
}

/** @param create called once in a process */
export function ambientCalls<T extends AmbientCalls>(create: () => T): T {
  const shared = ambient();
  shared.calls ??= create();
  return shared.calls as T;
}
