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
    signal.removeEventListener("abort", listener);
    subscribersOf.delete(signal);
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
