/** Handlers that are started in one turn of the event loop. */
const MAX_STARTS = 32;

let starts = 0;
const waiting: (() => void)[] = [];

/**
 * Starts a handler, now or in a later turn of the event loop.
 *
 * What arrives together is read in one turn, and what is answered in it goes out
 * at its end. With not too many at a time, the first answers are on their way
 * while the next calls are worked on: client and server do not wait in turn.
 */
export function startInTurn(start: () => void): void {
  if (starts === MAX_STARTS) waiting.push(start);
  else {
    starts += 1;
    // Not with the first one, so that calls that come one by one do without it most of the time.
    if (starts === MAX_STARTS / 2) setImmediate(nextTurn);
    start();
  }
}

function nextTurn(): void {
  const next = waiting.splice(0, MAX_STARTS);
  starts = next.length;
  if (starts >= MAX_STARTS / 2) setImmediate(nextTurn);
  for (const start of next) start();
}
