import { tryOrUndefined } from "../core/try-or-undefined.js";

const subscribersOf = new WeakMap<AbortSignal, ReturnType<typeof subscribe>>();

/**
 * Calls `callback` once when a signal aborts. All callbacks of a signal share one
 * listener, because Node warns of a leak when a signal has more than ten.
 *
 * @returns a function that removes the callback
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, listener } = subscribersOf.get(signal) ?? subscribe(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0) return;
    subscribersOf.delete(signal);
    // The signal may be the caller's own object. If this throws, the call must still end.
    tryOrUndefined(() => signal.removeEventListener("abort", listener));
  };
}

function subscribe(signal: AbortSignal) {
  const callbacks = new Set<() => void>();
  const listener = () => {
    for (const callback of callbacks) callback();
  };
  const subscribers = { callbacks, listener };
  signal.addEventListener("abort", listener);
  subscribersOf.set(signal, subscribers);
  return subscribers;
}
