// https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
const INITIAL_MS = 1000;
const MULTIPLIER = 1.6;
const JITTER = 0.2;
const MAX_MS = 120_000;

/** The milliseconds to wait before the next connection attempt, after this many consecutive failures. */
export function backoffDelay(failures: number): number {
  const delay = Math.min(INITIAL_MS * MULTIPLIER ** (failures - 1), MAX_MS);
  return delay * (1 + JITTER * (2 * Math.random() - 1));
}
