import type { CallRequest } from "../transport/client.js";

/**
 * How many times a call is sent again because its stream was refused, over all its attempts. A server that refuses the
 * last one, too, is overloaded.
 */
const MAX_REFUSALS = 1;

/**
 * How many times a call is sent again because its connection is going away. While servers are replaced, a new
 * connection may reach another one that is about to leave.
 */
const MAX_DEPARTURES = 5;

/** How many times a call has been sent again. */
export type Retries = Record<"departed" | "refused", number>;

/**
 * Whether a call that the server has not processed may be sent again ("transparent retry").
 *
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#transparent-retries
 * @param retries how many times it has been sent again, for each reason
 * @param reason why the server has not processed it: the connection is going away, or the stream is refused
 */
export function mayRetry({ retried }: CallRequest, retries: Retries, reason: keyof Retries): boolean {
  if (reason === "departed") return retries.departed < MAX_DEPARTURES;
  return Math.max(retries.refused, retried?.refusals.count ?? 0) < MAX_REFUSALS;
}
