import type { Message } from "@bufbuild/protobuf";

/** With more than this many bytes unread, the peer is held back. */
const HIGH_WATER_BYTES = 64 * 1024;

/** What a message takes besides its encoded bytes: an empty one is not for free. */
const MESSAGE_OVERHEAD_BYTES = 128;

/** Messages that were read are dropped from the list, many at a time. */
const MAX_READ_ENTRIES = 64;

/** A list that is not there yet. Nothing may be added to it. */
const emptyList: never[] = [];

/** Takes a message, or `undefined` where there are no more. */
type Reader = (message: Message | undefined) => void;

/** Holds back whoever fills an {@link Inbox}. */
export interface FlowControl {
  pause(): void;
  /** Nothing may come from within it, but later. */
  resume(): void;
}

/**
 * The messages of a stream that have arrived and were not read yet.
 *
 * A slow reader holds the writer: above a number of unread bytes the inbox
 * pauses the flow, and resumes it once it is empty. Several readers may wait;
 * they are served in turn.
 */
export class Inbox {
  readonly #flow: FlowControl;
  /** Says when a reader that has waited may go on with a message: at once, or when the promise resolves. */
  readonly #takeTurn: (() => Promise<void> | undefined) | undefined;
  /** Messages, with what they cost. Most calls need neither list. */
  #entries: { readonly message: Message; readonly cost: number }[] = emptyList;
  #head = 0;
  #bytes = 0;
  #paused = false;
  #ended = false;
  /** Readers, while there is nothing to read; where there is, their turn is yet to come. */
  #waiting: Reader[] = emptyList;

  constructor(flow: FlowControl, takeTurn?: () => Promise<void> | undefined) {
    this.#flow = flow;
    this.#takeTurn = takeTurn;
  }

  /** Adds a message. @param bytes its encoded size */
  push(message: Message, bytes: number): void {
    if (this.#waiting.length > 0 && this.#empty) {
      const turn = this.#takeTurn?.();
      if (turn === undefined) return this.#waiting.shift()?.(message);
      void turn.then(() => this.#serve());
    }
    const cost = bytes + MESSAGE_OVERHEAD_BYTES;
    if (this.#entries === emptyList) this.#entries = [{ message, cost }];
    else this.#entries.push({ message, cost });
    this.#bytes += cost;
    if (this.#bytes > HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.#flow.pause();
    }
  }

  /** There will be no more messages. Those that are unread can still be read. */
  end(): void {
    this.#ended = true;
    if (this.#empty) this.#serve();
  }

  /** The next message, as soon as there is one; `undefined` at the end. */
  read(): Promise<Message | undefined> {
    return new Promise((resolve) => this.pass(resolve));
  }

  /** Passes the next message to a reader, as soon as there is one, from within `push` if it can; `undefined` at the end. */
  pass(reader: Reader): void {
    if (this.#waiting.length === 0 && (!this.#empty || this.#ended)) return reader(this.#next());
    if (this.#waiting === emptyList) this.#waiting = [reader];
    else this.#waiting.push(reader);
  }

  /** The next message, if it is there and nobody else waits for it. */
  take(): Message | undefined {
    return this.#waiting.length > 0 ? undefined : this.#next();
  }

  get #empty(): boolean {
    return this.#head === this.#entries.length;
  }

  /** Serves those that wait, as far as there is something for them. */
  #serve(): void {
    while (this.#waiting.length > 0 && (!this.#empty || this.#ended)) this.#waiting.shift()?.(this.#next());
  }

  #next(): Message | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= entry.cost;
    if (this.#empty) this.#emptied();
    else if (this.#head >= MAX_READ_ENTRIES && this.#head * 2 >= this.#entries.length) {
      // A reader that is always a little behind never empties it.
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry.message;
  }

  #emptied(): void {
    this.#entries = emptyList;
    this.#head = 0;
    if (!this.#paused) return;
    this.#paused = false;
    this.#flow.resume();
  }
}
