import { attempt } from "../core/attempt.js";
import { runSafely } from "../core/run-safely.js";
import { stackOf } from "../core/text-of.js";
import type { ReportInfo } from "../transport/server.js";

/**
 * Takes the errors that do not reach the client: those of handlers that are no
 * answer, details that could not be sent, errors of connections.
 */
export type OnError = (error: unknown, info: ReportInfo) => void;

/** Writes errors to the console: silence is a choice, not the default. */
export const logError: OnError = (error, { method, peer }) => {
  const where = [method && `in ${method}`, peer && `called by ${peer}`].filter(Boolean).join(", ");
  const title = `grpclib-ts: error${where && ` ${where}`}:`;
  try {
    console.error(title, error);
  } catch (failure) {
    // An error whose getters throw, for example. Its text may still be readable.
    console.error(title, stackOf(error), "\nThe console could not print it:", stackOf(failure));
  }
};

/** A hook that cannot break the call that it is told of. When it fails, what it was told is written to the console. */
export function safely(onError: OnError): OnError {
  return (error, info) => {
    void runSafely(
      () => onError(error, info),
      (failure) => {
        // Where the console fails too, nothing is left that could be told.
        attempt(() => logError(error, info));
        attempt(() => logError(new Error("onError failed", { cause: failure }), info));
      },
    );
  };
}
