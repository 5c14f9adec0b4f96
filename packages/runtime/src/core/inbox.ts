import type { Message } from "@bufbuild/protobuf";

/** Where an {@link Inbox} gets its messages. */
export interface MessageSource {
  /** Asks for the next message. One call of `push` or `end` answers, from within or later. */
  pull(): void;
}

/** Takes a message, or `undefined` where there are no more. */
type Reader = (message: Message | undefined) => void;

/** A shared placeholder until a list is needed. Never push to it. */
const emptyList: never[] = [];

/**
 * Hands the messages of a stream to their readers, one by one.
 *
 * It asks its source for a message when a reader wants one, and not before:
 * messages that nobody reads are neither decoded nor kept here. So it holds one
 * message at the most: one whose reader has to wait for its turn. Several
 * readers may wait; they are served in the order in which they came.
 */
export class Inbox {
  readonly #source: MessageSource;
  /** Says when a reader that has waited may continue with a message: at once, or when the promise resolves. */
  readonly #takeTurn: (() => Promise<void> | undefined) | undefined;
  #waiting: Reader[] = emptyList;
  /** Whether the source has been asked, and has not answered yet. */
  #pulling = false;
  #message: Message | undefined;
  #ended = false;

  constructor(source: MessageSource, takeTurn?: () => Promise<void> | undefined) {
    this.#source = source;
    this.#takeTurn = takeTurn;
  }

  /** Takes a message of the source. */
  push(message: Message): void {
    this.#pulling = false;
    const turn = this.#waiting.length > 0 ? this.#takeTurn?.() : undefined;
    this.#message = message;
    if (turn === undefined) this.#serve();
    else void turn.then(() => this.#serve());
  }

  /** There are no more messages. It needs no turn. */
  end(): void {
    this.#pulling = false;
    this.#ended = true;
    if (this.#message === undefined) this.#serve();
  }

  /** The next message, as soon as there is one; `undefined` at the end. */
  read(): Promise<Message | undefined> {
    return new Promise((resolve) => this.pass(resolve));
  }

  /** Passes the next message to a reader, as soon as there is one, from within if it can; `undefined` at the end. */
  pass(reader: Reader): void {
    const message = this.take();
    if (message !== undefined || (this.#ended && this.#waiting.length === 0)) return reader(message);
    if (this.#waiting === emptyList) this.#waiting = [reader];
    else this.#waiting.push(reader);
  }

  /** The next message, if it is there and no reader waits for it. */
  take(): Message | undefined {
    if (this.#waiting.length > 0) return undefined;
    this.#pull();
    return this.#takeMessage();
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

  /** Serves those that wait, as far as there is something for them. */
  #serve(): void {
    while (this.#waiting.length > 0 && (this.#message !== undefined || this.#ended)) {
      this.#waiting.shift()?.(this.#takeMessage());
    }
    if (this.#waiting.length > 0) this.#pull();
  }
}
