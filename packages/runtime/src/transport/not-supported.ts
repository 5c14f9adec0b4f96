import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest } from "./client.js";

/** What a transport can do for a call. */
export interface TransportFeatures {
  /** The compressions that a call may ask for. Default: none but `"identity"`. */
  readonly compressions?: readonly string[];
  /** Whether calls can wait for a connection. Default: false. */
  readonly waitForReady?: boolean;
}

/**
 * How a transport ends a call that asks for more than it can do; `undefined`
 * where it can do everything. A caller learns of it, since the call would
 * otherwise behave in another way than its options say.
 *
 * @param transport names the transport in the message
 */
export function notSupported(
  transport: string,
  { compressions = [], waitForReady = false }: TransportFeatures,
  request: CallRequest,
): CallEnd | undefined {
  const { compression = "identity" } = request;
  if (compression !== "identity" && !compressions.includes(compression)) {
    return refusal(`${transport} cannot compress requests with ${compression}: leave out the option compression`);
  }
  if (request.waitForReady && !waitForReady) {
    return refusal(`${transport} cannot wait for a connection: leave out the option waitForReady`);
  }
  return undefined;
}

function refusal(message: string): CallEnd {
  return { status: Status.UNIMPLEMENTED, message, origin: "client", unprocessed: "unsent" };
}
