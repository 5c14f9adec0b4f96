import { Deadline } from "./deadline.js";

/** Resolves after a time in milliseconds, or as soon as the signal aborts. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      stop();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const stop = Deadline.after(milliseconds).onExpired(done);
    signal?.addEventListener("abort", done);
  });
}
