/** A list of callbacks; `undefined` while it is empty, because most calls need none. */
export type Callbacks = (() => void)[] | undefined;

/** The list with one more callback. */
export function withCallback(callbacks: Callbacks, callback: () => void): Callbacks {
  return callbacks === undefined ? [callback] : [...callbacks, callback];
}

/** Calls all callbacks of a list, in order. */
export function callAll(callbacks: Callbacks): void {
  if (callbacks !== undefined) for (const callback of callbacks) callback();
}
