import type { Message } from "@bufbuild/protobuf";

/** Where an {@link Inbox} gets its messages from. */
export interface MessageSource {
  /** Asks for the next message. One call of `push()` or `end()` answers, from within or later. */
  pull(): void;
}

/** Takes a message, or `undefined` where there are no more. */
export type MessageReceiver = (message: Message | undefined) => void;

/** Lets a receiver that has waited continue: at once (`undefined`), or when the promise resolves. */
export type TakeTurn = () => Promise<void> | undefined;

/** A shared placeholder until a list is needed. Never push to it. */
const emptyList: never[] = [];

/**
 * Brings the messages of a stream to those who read them, one by one and in order.
 *
 * ```
 * reader → read() → source.pull()   …   source → push() or end() → reader
 * ```
 *
 * What waits here are readers, not messages: the inbox pulls a message when
 * somebody wants to read one, and not before, so that messages that nobody reads
 * stay undecoded at their source. It holds one message at the most, between its
 * arrival and the turn of its reader.
 */
export class Inbox {
  readonly #source: MessageSource;
  readonly #takeTurn: TakeTurn | undefined;
  #receivers: MessageReceiver[] = emptyList;
  /** Whether the source has been asked, and has not answered yet. */
  #pulling = false;
  #message: Message | undefined;
  #ended = false;

  /** @param takeTurn spreads the work of receivers that have waited over turns of the event loop */
  constructor(source: MessageSource, takeTurn?: TakeTurn) {
    this.#source = source;
    this.#takeTurn = takeTurn;
  }

  /**
   * Reads the next message. The receiver gets it as soon as it is there, from
   * within where it already is; `undefined` at the end. Receivers that have to
   * wait are served in the order of their calls.
   */
  read(receiver: MessageReceiver): void {
    if (this.#receivers.length === 0) {
      this.#pull();
      const message = this.#takeMessage();
      if (message !== undefined || this.#ended) return receiver(message);
    }
    if (this.#receivers === emptyList) this.#receivers = [receiver];
    else this.#receivers.push(receiver);
  }

  /** Takes a message from the source. */
  push(message: Message): void {
    this.#pulling = false;
    const turn = this.#receivers.length > 0 ? this.#takeTurn?.() : undefined;
    this.#message = message;
    if (turn === undefined) this.#serve();
    else void turn.then(() => this.#serve());
  }

  /** There are no more messages. Receivers learn that at once: it is not work. */
  end(): void {
    this.#pulling = false;
    this.#ended = true;
    if (this.#message === undefined) this.#serve();
  }

  #takeMessage(): Message | undefined {
    const message = this.#message;
    this.#message = undefined;
    return message;
  }

  #pull(): void {
    if (this.#pulling || this.#ended || this.#message !== undefined) return;
    this.#pulling = true;
    this.#source.pull();
  }

  #serve(): void {
    while (this.#receivers.length > 0 && (this.#message !== undefined || this.#ended)) {
      this.#receivers.shift()?.(this.#takeMessage());
    }
    if (this.#receivers.length > 0) this.#pull();
  }
}
