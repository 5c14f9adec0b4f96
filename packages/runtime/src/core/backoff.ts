/**
 * The times between attempts, to connect or of a call.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
 */
export interface BackoffTimes {
  /** After the first failure, in milliseconds. */
  readonly initial: number;
  /** How many times as long to wait after each further failure. */
  readonly multiplier: number;
  /** The part by which each time may be longer or shorter, from 0 to 1. It is chosen at random. */
  readonly jitter: number;
  /** The longest time, before the jitter, in milliseconds. */
  readonly max: number;
}

/** The milliseconds to wait before the next attempt, after this many consecutive failures. */
export function backoffDelay({ initial, multiplier, jitter, max }: BackoffTimes, failures: number): number {
  const delay = Math.min(initial * multiplier ** (failures - 1), max);
  return delay * (1 + jitter * (2 * Math.random() - 1));
}
