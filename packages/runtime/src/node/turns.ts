/** Handlers that go on with a request in one turn of the event loop; more only when many wait. */
const PLACES = 32;

/** As it was at first: the fake timers of a test must not stop the servers of its process. */
const inNextTurn = setImmediate;

let taken = 0;
const waiting: (() => void)[] = [];

/**
 * Takes a place among the handlers that go on with a request in this turn of
 * the event loop: those that start with their only one, and those that wait for
 * the next one of a stream.
 *
 * What arrives together is read in one turn, and what is answered in it goes out
 * at its end. With not too many at a time, the first answers are on their way
 * while the next requests are worked on: client and server do not wait in turn.
 *
 * @returns a promise to wait for, if there is no place left
 */
export function takeTurn(): Promise<void> | undefined {
  if (taken >= PLACES) return new Promise((resolve) => waiting.push(resolve));
  taken += 1;
  // Not with the first one, so that requests that come one by one do without it most of the time.
  if (taken === PLACES / 2) inNextTurn(nextTurn);
  return undefined;
}

function nextTurn(): void {
  // At least half of them: where turns are long, 32 in each would be few.
  const next = waiting.splice(0, Math.max(PLACES, waiting.length / 2));
  taken = next.length;
  if (taken >= PLACES / 2) inNextTurn(nextTurn);
  for (const go of next) go();
}
