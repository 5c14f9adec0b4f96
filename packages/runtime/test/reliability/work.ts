import { setTimeout as sleep } from "node:timers/promises";

/** The size of the messages in a stream, in bytes. */
const MESSAGE_BYTES = 16 * 1024;

/** The work of the handlers, which is the same in the servers of all libraries. */
export class Work {
  /** The number of unary calls that handlers have executed. */
  executed = 0;
  readonly #burn: number;
  readonly #record: (id: string) => void;

  /**
   * @param burn the processor time of a unary call, in milliseconds
   * @param record called with the text of each unary call that is executed
   */
  constructor(burn: number, record: (id: string) => void) {
    this.#burn = burn;
    this.#record = record;
  }

  /** A unary call that takes `number` milliseconds. */
  async unary({ text, number }: { readonly text: string; readonly number: number }): Promise<{ text: string }> {
    this.executed += 1;
    this.#record(text);
    if (number > 0) await sleep(number);
    for (const end = performance.now() + this.#burn; performance.now() < end; );
    return { text };
  }

  /** A stream of `number` messages. */
  *messages({ number }: { readonly number: number }): Generator<{ data: Uint8Array }> {
    for (let sent = 0; sent < number; sent++) yield { data: new Uint8Array(MESSAGE_BYTES) };
  }
}
