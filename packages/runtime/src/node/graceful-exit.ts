import { constants } from "node:os";
import { type CloseOptions, closePeriods, type Server } from "./server.js";

/**
 * Waits for SIGINT or SIGTERM, and then closes a server, which lets calls in flight
 * finish. A second signal ends the process at once, with 128 plus the number of the
 * signal as its exit code.
 *
 * @param options those of `server.close()`. They are checked at once
 * @returns a promise that resolves when the server is closed
 * @throws TypeError for an unknown option, or a period that is not a number of milliseconds
 */
export async function gracefulExit(server: Server, options: CloseOptions = {}): Promise<void> {
  closePeriods("gracefulExit()", options);
  const stopWaiting = await new Promise<() => void>((resolve) => {
    const stop = onSignal(() => resolve(stop));
  });
  stopWaiting();
  const stop = onSignal((signal) => process.exit(128 + constants.signals[signal]));
  await server.close(options);
  stop();
}

/** @returns a function that stops listening */
function onSignal(listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
