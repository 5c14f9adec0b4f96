import type { ClientCall } from "./call.js";

/**
 * Sends the requests of a streaming call, as fast as the peer takes them, and
 * then their end. An error of the iterable ends the call with it; an iterable
 * that the call no longer needs is ended through its `return()`.
 *
 * Never rejects: what goes wrong is the outcome of the call.
 */
export async function sendAll(call: ClientCall, requests: Iterable<object> | AsyncIterable<object>): Promise<void> {
  try {
    const iterator = Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
    let exhausted = false;
    call.onOver(() => {
      if (!exhausted) void leave(iterator);
    });
    while (!call.over) {
      const next = await iterator.next();
      if (next.done) {
        exhausted = true;
        call.end();
        return;
      }
      await call.send(next.value, false);
    }
  } catch (error) {
    call.fail(error);
  }
}

/** Lets an iterator clean up. The call is over, so an error of the clean-up has nobody left to go to. */
async function leave(iterator: Iterator<object> | AsyncIterator<object>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // See above.
  }
}
