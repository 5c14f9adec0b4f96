import type { Message } from "@bufbuild/protobuf";

/** Where an {@link Inbox} gets its messages from. */
export interface MessageSource {
  /** Asks for the next message. The source answers with one call of `push()` or `end()`, at once or later. */
  pull(): void;
}

/** Receives a message, or `undefined` at the end of the stream. It must not read before it returns. */
export type MessageReceiver = (message: Message | undefined) => void;

/** Says when work for a message may start: at once (`undefined`), or when the promise resolves. */
export type TakeTurn = () => Promise<void> | undefined;

/** A shared placeholder until a list is needed. Never push to it. */
const emptyList: never[] = [];

/**
 * Delivers the messages of a stream to its readers, one at a time and in order.
 *
 * ```
 * reader → take() → source.pull()   …   source → push() or end() → reader, if it waits
 * ```
 *
 * The inbox queues readers, not messages. It pulls a message only when a reader is
 * waiting for one, so unread messages stay undecoded at their source. It holds at
 * most one message, from its arrival until the turn of its reader.
 */
export class Inbox {
  readonly #source: MessageSource;
  readonly #takeTurn: TakeTurn | undefined;
  #receivers: MessageReceiver[] = emptyList;
  #message: Message | undefined;
  #ended = false;

  /** @param takeTurn spreads the work of waiting receivers over turns of the event loop */
  constructor(source: MessageSource, takeTurn?: TakeTurn) {
    this.#source = source;
    this.#takeTurn = takeTurn;
  }

  /**
   * Reads the next message if it is available. If the result is `undefined`, call
   * `wait()` before anything else, to get the message when it arrives.
   */
  take(): Message | undefined {
    if (this.#receivers.length > 0) return undefined;
    this.#pull();
    return this.#takeMessage();
  }

  /**
   * Calls the receiver with the next message when it arrives, or with `undefined`
   * at the end, at once if that is known. Waiting receivers are served in order.
   */
  wait(receiver: MessageReceiver): void {
    if (this.#ended && this.#receivers.length === 0) return receiver(undefined);
    if (this.#receivers === emptyList) this.#receivers = [receiver];
    else this.#receivers.push(receiver);
  }

  /** Resolves to the next message, or to `undefined` at the end. */
  async next(): Promise<Message | undefined> {
    return this.take() ?? new Promise((resolve) => this.wait(resolve));
  }

  /** Called by the source with a message. */
  push(message: Message): void {
    const turn = this.#receivers.length > 0 ? this.#takeTurn?.() : undefined;
    this.#message = message;
    if (turn === undefined) this.#serve();
    else void turn.then(() => this.#serve());
  }

  /** Called by the source when there are no more messages. Receivers learn this at once, without waiting for a turn. */
  end(): void {
    this.#ended = true;
    if (this.#message === undefined) this.#serve();
  }

  #takeMessage(): Message | undefined {
    const message = this.#message;
    this.#message = undefined;
    return message;
  }

  /** Called when no pull is pending: with a pending one, readers wait for its answer. */
  #pull(): void {
    if (!this.#ended) this.#source.pull();
  }

  #serve(): void {
    while (this.#receivers.length > 0 && (this.#message !== undefined || this.#ended)) {
      // Stryker disable next-line OptionalChaining: the list is not empty
      this.#receivers.shift()?.(this.#takeMessage());
    }
    if (this.#receivers.length > 0) this.#pull();
  }
}
