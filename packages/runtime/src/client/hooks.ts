import { bindContext } from "../core/bind-context.js";
import { runSafely } from "../core/run-safely.js";

/** Runs a hook of the caller with a value, in a later microtask, and then calls `after`. */
export type Hook<T> = (value: T, after?: () => void) => void;

/**
 * Binds a hook in the options of a call to the caller's async context. An error
 * that the hook throws, or that its promise rejects with, is passed to `fail`. An
 * error that it throws is passed before `after` is called.
 */
export function bindHook<T>(
  hook: ((value: T) => unknown) | undefined,
  fail: (error: unknown) => void,
): Hook<T> | undefined {
  if (hook === undefined) return undefined;
  const run = bindContext(([value, after]: [T, (() => void) | undefined]) => {
    void runSafely(() => hook(value), fail);
    after?.();
  });
  return (value, after) => void run([value, after]);
}
