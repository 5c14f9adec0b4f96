import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest, OutgoingCall, ResponseListener } from "./client.js";

/** The optional features of a transport. */
export interface TransportFeatures {
  /**
   * The compressions that a call may ask for. With any of them, the transport must
   * also be able to send single messages uncompressed. Default: only `"identity"`.
   */
  readonly compressions?: readonly string[];
  /** Whether calls can wait for a connection. Default: false. */
  readonly waitForReady?: boolean;
}

/**
 * The end of a call that asks for a feature which the transport lacks;
 * `undefined` if the transport has them all. The call fails, because ignoring one
 * of its options would surprise the caller.
 *
 * @param transport name of the transport, for the message
 */
export function notSupported(
  transport: string,
  { compressions, waitForReady }: TransportFeatures,
  request: CallRequest,
): CallEnd | undefined {
  const { compression = "identity" } = request;
  if (compression !== "identity" && !compressions?.includes(compression)) {
    return refusal(`${transport} cannot compress requests with ${compression}. Omit the option compression.`);
  }
  if (request.waitForReady && !waitForReady) {
    return refusal(`${transport} cannot wait for a connection. Omit the option waitForReady.`);
  }
  return undefined;
}

function refusal(message: string): CallEnd {
  return { status: Status.UNIMPLEMENTED, message, origin: "client" };
}

/** A call that ends in the next microtask, for `start()` to return. */
export function endedCall(end: CallEnd, listener: ResponseListener): OutgoingCall {
  let cancelled = false;
  queueMicrotask(() => {
    if (!cancelled) listener.onEnd(end);
  });
  return {
    peer: undefined,
    send: () => true,
    end() {},
    cancel() {
      cancelled = true;
    },
    pull: () => queueMicrotask(() => listener.onMessagesEnd(undefined)),
  };
}
