/**
 * Runs a function of user code, which may be async. What it throws, or what its promise rejects with, goes to a
 * callback: at once if it throws at once. Never throws, never rejects.
 */
export async function runSafely(run: () => unknown, onError: (error: unknown) => void): Promise<void> {
  try {
    await run();
  } catch (error) {
    onError(error);
  }
}
