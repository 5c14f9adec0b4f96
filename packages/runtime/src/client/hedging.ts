import { Deadline } from "../core/deadline.js";
import { onAbort } from "./abort.js";
import { endBehind } from "./attempt.js";
import type { ClientResult, InterceptedClientCall } from "./interceptor.js";
import { attemptSuperseded } from "./outcome.js";
import type { RetriedCall } from "./retried-call.js";

/**
 * Makes attempts that overlap: each a fixed time after the one before it, or at once
 * if one fails with a retryable status. The first response, or an error of
 * another kind, is the result. The runtime cancels the other attempts.
 *
 * @param delay the time between the starts of two attempts, in milliseconds
 */
export async function hedge(retried: RetriedCall, call: InterceptedClientCall, delay: number): Promise<ClientResult> {
  let running = 0;
  /** Whether the call has ended. Attempts may still fail until the runtime has cancelled them. */
  let over = false;
  const ending =
    <T>(settle: (value: T) => void) =>
    (value: T) => {
      over = true;
      settle(value);
    };
  let failed: unknown;
  /** When the next attempt starts, if a failure has announced it: when the server says, or at once. */
  let announced: Deadline | undefined;
  let stopTimer = () => {};
  try {
    return await new Promise<ClientResult>((onResult, onFailed) => {
      const [resolve, reject] = [ending(onResult), ending(onFailed)];
      const fail = () => reject(retried.failure(failed));
      const start = () => {
        running += 1;
        announced = undefined;
        startAt(Deadline.after(delay));
        retried.attempt().then(resolve, onFailure).catch(reject);
      };
      const startAt = (time: Deadline) => {
        stopTimer();
        const onExpired = async () => {
          if (retried.mayStart) {
            const reported = announced === undefined ? retried.announce(undefined, delay) : undefined;
            start();
            await reported;
          } else if (running === 0) fail();
        };
        stopTimer = time.onExpired(() => void onExpired().catch(reject));
      };
      const onFailure = async (error: unknown) => {
        running -= 1;
        if (over) return;
        // Otherwise the headers of another attempt have arrived, which goes on alone.
        if (endBehind(error) !== attemptSuperseded) {
          failed = error;
          // The time of an attempt that has been announced changes only if the server sets another one.
          const wait = retried.delayAfter(error, announced?.remaining() ?? 0);
          if (wait !== undefined) {
            const reported = announced === undefined ? retried.announce(error, wait) : undefined;
            announced = Deadline.after(wait);
            startAt(announced);
            return void (await reported);
          }
          if (!retried.isRetryable(error)) return fail();
        }
        if (running === 0) fail();
      };
      // The signal is that of the call, so the callback need not be removed.
      onAbort(call.signal, () => {
        stopTimer();
        if (running === 0) fail();
      });
      start();
    });
  } finally {
    stopTimer();
  }
}
