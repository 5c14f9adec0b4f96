import { Iteration } from "../flow/iteration.js";
import type { ClientCall } from "./call.js";

/**
 * Sends the requests of a streaming call, as fast as the peer takes them, and
 * then their end. An error of the iterable ends the call with it; an iterable
 * that the call no longer needs is ended through its `return()`.
 * What goes wrong is the outcome of the call.
 */
export function sendAll(call: ClientCall, requests: Iterable<object> | AsyncIterable<object>): void {
  try {
    const iteration = new Iteration(
      Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator](),
    );
    // The call is over then, so that an error of the clean-up has nobody left to go to.
    call.onOver(() => void iteration.leave().catch(() => {}));
    void iteration.run({
      get active() {
        return !call.over;
      },
      take: (request) => call.send(request as object, false),
      done: () => call.end(),
      failed: (error) => call.fail(error),
    });
  } catch (error) {
    call.fail(error);
  }
}
