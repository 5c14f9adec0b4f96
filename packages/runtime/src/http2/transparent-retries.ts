/**
 * How often a call is sent again whose stream is refused, all its attempts together. A server that refuses the next one,
 * too, is overloaded.
 */
const MAX_REFUSALS = 1;

/**
 * How often a call is sent again whose connection is going away. While servers are replaced, a new connection may
 * reach another one that is about to leave.
 */
const MAX_DEPARTURES = 5;

/** @param departed whether the connection is going away. If not, the stream is refused. */
export function maxTransparentRetries(departed: boolean): number {
  return departed ? MAX_DEPARTURES : MAX_REFUSALS;
}
