import { textOf } from "../core/text-of.js";
import { Iteration } from "../flow/iteration.js";
import type { ClientCall } from "./call.js";

/**
 * Sends the requests of a streaming call as fast as the peer accepts them, and
 * then ends them. If the iterable throws an error, that is the outcome of the
 * call. When the call is over, the iterable is ended with its `return()`.
 */
export function sendAll(call: ClientCall, given: Iterable<object> | AsyncIterable<object>, path: string): void {
  try {
    const iterate: unknown = Object(given)[Symbol.asyncIterator] ?? Object(given)[Symbol.iterator];
    if (typeof iterate !== "function")
      throw new TypeError(`${path} takes an iterable of requests, got ${textOf(given)}`);
    const iteration = new Iteration(iterate.call(given));
    // The call already has its outcome, so an error of the clean-up is ignored.
    call.onOver(() => void iteration.leave().catch(() => {}));
    void iteration.run({
      get active() {
        return !call.over;
      },
      take: (request) => call.send(request as object, false),
      done: () => call.endRequests(),
      failed: (error) => call.fail(error),
    });
  } catch (error) {
    call.fail(error);
  }
}
