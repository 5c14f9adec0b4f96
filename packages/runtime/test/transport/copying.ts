import type { CallEnd, CallRequest, ResponseListener, Transport } from "../../src/transport.js";

/** What {@link copying} changes in the records of a call. */
export interface Changes {
  readonly request?: Partial<CallRequest>;
  readonly onEnd?: (end: CallEnd) => void;
}

/** Decorates any transport: copies each record with a spread, and applies the changes, if any. */
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
