import { nextTurn } from "../http2/event-loop.js";

/** Handlers resumed per turn of the event loop. A large backlog drains by half each turn. */
const MAX_PER_TURN = 32;

let resumed = 0;
const backlog: (() => void)[] = [];

/**
 * Requests that a handler may continue in this turn of the event loop: start with
 * its single request, or resume with the next request of a stream.
 *
 * Node reads all requests that have arrived in one turn, and sends the responses at
 * the end of that turn. If all handlers continued in the same turn, the client would
 * wait for the slowest of them. With a limit per turn, the first responses are on
 * their way while the server works on the next requests.
 *
 * @returns a promise to wait for; `undefined` if the limit has not been reached
 */
export function takeTurn(): Promise<void> | undefined {
  if (resumed >= MAX_PER_TURN) return new Promise((resolve) => backlog.push(resolve));
  resumed += 1;
  // Scheduling the next turn with the first handler would cost a setImmediate() for each of the requests that arrive
  // one at a time. Scheduling it at half of the limit costs one for every 16.
  if (resumed === MAX_PER_TURN / 2) nextTurn(resumeMore);
  return undefined;
}

function resumeMore(): void {
  // At least half of the backlog: when turns are long, 32 handlers per turn would be too few.
  const next = backlog.splice(0, Math.max(MAX_PER_TURN, backlog.length / 2));
  resumed = next.length;
  if (resumed >= MAX_PER_TURN / 2) nextTurn(resumeMore);
  for (const resume of next) resume();
}
