import { Deadline } from "../core/deadline.js";
import { onAbort } from "./abort.js";
import { endBehind } from "./attempt.js";
import type { ClientResult, InterceptedClientCall } from "./interceptor.js";
import { attemptSuperseded } from "./outcome.js";
import type { RetriedCall } from "./retried-call.js";

/**
 * Makes the attempts of a call. They overlap if there is a `delay`: each starts that
 * time after the one before it, or at once if one fails with a retryable status.
 * Otherwise each starts some time after the one before it has failed.
 *
 * The first response, or an error of another kind, is the result. The runtime
 * cancels the other attempts. No attempt waits for the promise of `onRetry`, but if
 * that rejects while the call lasts, the call fails.
 *
 * @param delay the time between the starts of two attempts, in milliseconds; `undefined` if they do not overlap
 * @param first the result of the first attempt. Default: it is still to be made
 */
export async function makeAttempts(
  retried: RetriedCall,
  call: InterceptedClientCall,
  delay: number | undefined,
  first?: Promise<ClientResult>,
): Promise<ClientResult> {
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
      const start = (attempt = retried.attempt()) => {
        running += 1;
        announced = undefined;
        if (delay !== undefined) startAt(Deadline.after(delay));
        attempt.then(resolve, onFailure).catch(reject);
      };
      const startAt = (time: Deadline) => {
        stopTimer();
        const onExpired = async () => {
          // Attempts that do not overlap have been announced after this was checked.
          if (delay === undefined || retried.mayStart) {
            const reported = announced === undefined ? retried.announce(undefined, delay ?? 0) : undefined;
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
          const wait = retried.delayAfter(error, delay === undefined ? undefined : (announced?.remaining() ?? 0));
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
      start(first);
    });
  } finally {
    stopTimer();
  }
}
