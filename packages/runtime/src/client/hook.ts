/** Calls a hook of the caller. What it throws is the outcome; an async one that rejects later does no harm then. */
export function callHook(hook: () => unknown, call: { fail(error: unknown): void }): void {
  try {
    Promise.resolve(hook()).catch((error: unknown) => call.fail(error));
  } catch (error) {
    call.fail(error);
  }
}
