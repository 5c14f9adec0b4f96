/**
 * Runs a function of user code, which may be async. Passes an error that it
 * throws or rejects with to `onError`; one that it throws synchronously, before
 * this returns. `onError` must not throw. Then this neither throws nor rejects.
 */
export async function runSafely(run: () => unknown, onError: (error: unknown) => void): Promise<void> {
  try {
    await run();
  } catch (error) {
    onError(error);
  }
}
