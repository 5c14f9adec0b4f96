import { runSafely } from "../core/run-safely.js";
import { stackOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { ReportInfo } from "../transport/server.js";

/**
 * Called with each error that does not reach a client: an error of a handler that
 * is not an answer, a detail that could not be sent, an error of a connection.
 */
export type OnError = (error: unknown, info: ReportInfo) => void;

/** Writes errors to the console. This is the default, so that no error is lost silently. */
export const logError: OnError = (error, { method, peer }) => {
  const from =
    peer === undefined ? "" : method === undefined ? ` on the connection from ${peer}` : `, called by ${peer}`;
  const title = `grpclib-ts: error${method === undefined ? "" : ` in ${method}`}${from}:`;
  try {
    console.error(title, error);
  } catch (failure) {
    // For example, a getter of the error threw. The text of the error may still be readable.
    console.error(title, stackOf(error), "\nThe console could not print it:", stackOf(failure));
  }
};

/**
 * Wraps `onError` so that its failure cannot break a call. If it fails, both errors
 * are written to the console: the reported one, and that of `onError`.
 */
export function safely(onError: OnError): OnError {
  return (error, info) => {
    void runSafely(
      () => onError(error, info),
      (failure) => {
        // If the console fails too, there is nowhere left to report to.
        tryOrUndefined(() => logError(error, info));
        tryOrUndefined(() => logError(new Error("onError failed", { cause: failure }), info));
      },
    );
  };
}
