/**
 * Binds a callback to the async context of the current code, which is what
 * `AsyncLocalStorage` reads. Events of a connection have the context of whoever
 * opened it, so user code that they trigger would see the data of another call.
 *
 * This needs no API of a platform: everywhere, a callback of a promise runs in the
 * context in which it was passed to `then()`.
 *
 * @returns a function that runs the callback in that context, in a later microtask,
 *   and returns a promise of its result. Call it once.
 */
export function bindContext<T, R>(callback: (value: T) => R): (value: T) => Promise<Awaited<R>> {
  let run: (value: T) => void;
  const result = new Promise<T>((resolve) => {
    run = resolve;
  }).then(callback);
  return (value) => {
    run(value);
    return result as Promise<Awaited<R>>;
  };
}
