import { ProtocolError } from "../errors/protocol-error.js";

/** An operation of an open stream. */
export type Operation =
  | "sendRequest"
  | "sendMessage"
  | "end"
  | "recvInitialMetadata"
  | "recvMessage"
  | "recvTrailingMetadata"
  | "cancel";

/** The operations that an open stream has begun, and what depends on them. */
export class StreamOrder {
  readonly #singleRequest: boolean;
  readonly #begun = new Set<Operation>();

  constructor(singleRequest: boolean) {
    this.#singleRequest = singleRequest;
  }

  /** Begins an operation. @throws ProtocolError where it is out of order; the text says what to do instead */
  begin(operation: Operation): void {
    for (const { when, say } of misuses[operation]) if (when(this)) throw new ProtocolError(say);
    this.#begun.add(operation);
  }

  has(operation: Operation): boolean {
    return this.#begun.has(operation);
  }

  /** Whether the call has been started. */
  get started(): boolean {
    return this.has("sendRequest") || this.has("sendMessage");
  }

  /** Whether the only request of the method has been sent. */
  get complete(): boolean {
    return this.#singleRequest && this.has("sendMessage");
  }

  /** Whether the end of the requests has been sent. */
  get ended(): boolean {
    return this.complete || this.has("end");
  }

  /** Whether the method takes one request, which has not been sent. */
  get incomplete(): boolean {
    return this.#singleRequest && !this.complete;
  }
}

interface Misuse {
  readonly when: (order: StreamOrder) => boolean;
  readonly say: string;
}

const notStarted: Misuse = {
  when: (order) => !order.started,
  say: "The call has not been started: call sendRequest() or sendMessage() first",
};

const misuses: Readonly<Record<Operation, readonly Misuse[]>> = {
  sendRequest: [
    {
      when: (order) => order.started,
      say: "The request has been sent: call sendRequest() once, before the first message",
    },
  ],
  sendMessage: [
    {
      when: (order) => order.complete,
      say: "The method takes a single request, which has been sent: call sendMessage() once",
    },
    {
      when: (order) => order.ended,
      say: "The requests have been ended: send all messages before end()",
    },
  ],
  end: [
    notStarted,
    {
      when: (order) => order.incomplete,
      say: "The method takes a single request: send it with sendMessage(), which ends the requests too",
    },
    { when: (order) => order.has("end"), say: "The requests have been ended: call end() once" },
  ],
  recvInitialMetadata: [
    notStarted,
    {
      when: (order) => order.has("recvInitialMetadata"),
      say: "The initial metadata has been received: it is in stream.initialMetadata",
    },
  ],
  recvMessage: [notStarted],
  recvTrailingMetadata: [
    notStarted,
    {
      when: (order) => !order.ended,
      say: "The requests have not been ended: call end() before recvTrailingMetadata()",
    },
    {
      when: (order) => !order.has("recvInitialMetadata") && !order.has("recvMessage"),
      say: "The initial metadata has not been received: call recvInitialMetadata() or recvMessage() first",
    },
    {
      when: (order) => order.has("recvTrailingMetadata"),
      say: "The trailing metadata has been received: it is in stream.trailingMetadata",
    },
  ],
  cancel: [
    notStarted,
    { when: (order) => order.has("cancel"), say: "The call has been cancelled: call cancel() once" },
  ],
};
