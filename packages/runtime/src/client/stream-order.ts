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

/** The operations that an open stream has begun. They decide which operations are in order. */
export class StreamOrder {
  readonly #singleRequest: boolean;
  readonly #begun = new Set<Operation>();

  constructor(singleRequest: boolean) {
    this.#singleRequest = singleRequest;
  }

  /** Begins an operation. @throws ProtocolError if it is out of order; the message says what to do instead */
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

  /** Whether the requests have been ended. */
  get ended(): boolean {
    return this.complete || this.has("end");
  }

  /** Whether the only request of the method has not been sent. */
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
  say: "The call has not been started. Call sendRequest() or sendMessage() first.",
};

const misuses: Readonly<Record<Operation, readonly Misuse[]>> = {
  sendRequest: [
    {
      when: (order) => order.started,
      say: "The call has already been started. Call sendRequest() once, before the first message.",
    },
  ],
  sendMessage: [
    {
      when: (order) => order.complete,
      say: "The method takes a single request, which has already been sent. Call sendMessage() once.",
    },
    {
      when: (order) => order.ended,
      say: "The requests have already been ended. Send all messages before end().",
    },
  ],
  end: [
    notStarted,
    {
      when: (order) => order.incomplete,
      say: "The method takes a single request. Send it with sendMessage(), which also ends the requests.",
    },
    { when: (order) => order.has("end"), say: "The requests have already been ended. Call end() once." },
  ],
  recvInitialMetadata: [
    notStarted,
    {
      when: (order) => order.has("recvInitialMetadata"),
      say: "The initial metadata has already been received. Read it from stream.initialMetadata.",
    },
  ],
  recvMessage: [notStarted],
  recvTrailingMetadata: [
    notStarted,
    {
      when: (order) => !order.ended,
      say: "The requests have not been ended. Call end() before recvTrailingMetadata().",
    },
    {
      when: (order) => !order.has("recvInitialMetadata") && !order.has("recvMessage"),
      say: "The initial metadata has not been received. Call recvInitialMetadata() or recvMessage() first.",
    },
    {
      when: (order) => order.has("recvTrailingMetadata"),
      say: "The trailing metadata has already been received. Read it from stream.trailingMetadata.",
    },
  ],
  cancel: [
    notStarted,
    { when: (order) => order.has("cancel"), say: "The call has already been cancelled. Call cancel() once." },
  ],
};
