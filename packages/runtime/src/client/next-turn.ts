/**
 * The cheapest timer of the platform. Node, Deno and Bun have `setImmediate`; in browsers, a loop that waits for
 * `setTimeout` makes some 250 turns per second. Looked up when this module is loaded: later on, fake timers of tests
 * may have replaced it. `undefined` where there are no timers, so that the module can be loaded there.
 */
const startTimer: (callback: () => void) => unknown = globalThis.setImmediate ?? globalThis.setTimeout;

/** Resolves in another turn of the event loop, so that a loop that waits for it does not block timers and I/O. */
export const untilNextTurn = (): Promise<void> => new Promise((resolve) => startTimer(resolve));
