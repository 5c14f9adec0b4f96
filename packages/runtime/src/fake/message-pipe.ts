import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";

/** Reads from a {@link MessagePipe}. */
export interface PipeReader {
  onMessage(message: Message): void;
  onMessagesEnd(): void;
}

/** A queue of messages from one side of a call to the other, within one process. */
export class MessagePipe {
  readonly #schema: DescMessage;
  readonly #onDrain: () => void;
  readonly #capacity: number;
  readonly #messages: Message[] = [];
  #reader: PipeReader | undefined;
  #full = false;
  #ended = false;
  #pulled = false;

  /** @param onDrain called when there is capacity again after `push` returned false */
  constructor(schema: DescMessage, onDrain: () => void, capacity = 4) {
    this.#schema = schema;
    this.#onDrain = onDrain;
    this.#capacity = capacity;
  }

  /** Sets the reader, and answers a pending pull. */
  readBy(reader: PipeReader): void {
    this.#reader = reader;
    this.#answer();
  }

  /** Adds a copy of a message. @returns whether there is capacity for more */
  push(message: Message): boolean {
    const copy = fromBinary(this.#schema, toBinary(this.#schema, message));
    if (!this.#ended) this.#messages.push(copy);
    this.#full = this.#messages.length >= this.#capacity;
    this.#answer();
    return !this.#full;
  }

  /** Ends the messages: none are accepted after this. */
  end(): void {
    this.#ended = true;
    this.#answer();
  }

  /** Asks for the next message. */
  pull(): void {
    this.#pulled = true;
    this.#answer();
  }

  #answer(): void {
    if (!this.#pulled || this.#reader === undefined) return;
    const message = this.#messages.shift();
    if (message === undefined && !this.#ended) return;
    this.#pulled = false;
    if (message === undefined) return this.#reader.onMessagesEnd();
    this.#reader.onMessage(message);
    if (!this.#full || this.#messages.length > 0) return;
    this.#full = false;
    this.#onDrain();
  }
}
