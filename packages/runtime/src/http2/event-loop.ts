import { setImmediate } from "node:timers";

// Connections need real turns of the event loop. The fake timers of a test replace the global functions, so these are
// taken when the module is loaded.

/** Calls back in the next turn of the event loop. */
export const nextTurn: (callback: () => void) => void = setImmediate;

/** Calls back before the event loop continues. */
export const nextTick: (callback: () => void) => void = process.nextTick;

/** Calls back in a microtask. */
export const nextMicrotask: (callback: () => void) => void = queueMicrotask;

/** Lets a timer or a connection keep the process alive, or not. */
export function keepAlive(handle: { ref(): void; unref(): void } | undefined, alive: boolean): void {
  if (alive) handle?.ref();
  else handle?.unref();
}
