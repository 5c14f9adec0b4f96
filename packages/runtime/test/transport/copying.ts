import type { CallEnd, CallRequest, ResponseListener, Transport } from "../../src/transport.js";

/** What a decorator may do to the records of a call. */
export interface Changes {
  readonly request?: Partial<CallRequest>;
  readonly onEnd?: (end: CallEnd) => void;
}

/** A decorator of any transport. It copies each record with a spread, and changes nothing unless it is told to. */
export function copying(transport: Transport, { request: changes, onEnd }: Changes = {}): Transport {
  return {
    start(request, listener) {
      const decorated: ResponseListener = {
        onHeaders: (metadata) => listener.onHeaders(metadata),
        onMessage: (message) => listener.onMessage(message),
        onMessagesEnd: (failure) => listener.onMessagesEnd(failure && { ...failure }),
        onDrain: () => listener.onDrain(),
        onEnd(end) {
          onEnd?.(end);
          listener.onEnd({ ...end });
        },
      };
      return transport.start({ ...request, ...changes }, decorated);
    },
  };
}
