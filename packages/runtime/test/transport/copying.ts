import type { CallEnd, CallRequest, ResponseListener, Transport } from "../../src/transport.js";

/** What {@link copying} changes in the records of a call. */
export interface Changes {
  readonly request?: Partial<CallRequest>;
  readonly onEnd?: (end: CallEnd) => void;
}

/**
 * Decorates any transport: copies each record with a spread, and applies the changes, if any.
 *
 * @throws Error if a call ends before `start()` has returned
 */
export function copying(transport: Transport, { request: changes, onEnd }: Changes = {}): Transport {
  return {
    start(request, listener) {
      let isStarted = false;
      const decorated: ResponseListener = {
        onHeaders: (metadata) => listener.onHeaders(metadata),
        onMessage: (message) => listener.onMessage(message),
        onMessagesEnd: (failure) => listener.onMessagesEnd(failure && { ...failure }),
        onDrain: () => listener.onDrain(),
        onEnd(end) {
          if (!isStarted) throw new Error("The call ended before start() returned");
          onEnd?.(end);
          listener.onEnd({ ...end });
        },
      };
      const call = transport.start({ ...request, ...changes }, decorated);
      isStarted = true;
      return call;
    },
  };
}
