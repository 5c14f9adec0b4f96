import type { Message } from "@bufbuild/protobuf";
import type { ClientCall } from "./call.js";

/**
 * The responses of a streaming call. The call starts with the first `next()`;
 * leaving the iteration early resets it at once.
 */
export class Responses implements AsyncIterableIterator<Message> {
  readonly #start: () => ClientCall;
  #call: ClientCall | undefined;
  #done = false;

  constructor(start: () => ClientCall) {
    this.#start = start;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const value = this.#done ? undefined : this.#call?.take();
    return value === undefined ? this.#wait() : Promise.resolve({ done: false, value });
  }

  async #wait(): Promise<IteratorResult<Message, undefined>> {
    if (this.#done) return finished;
    try {
      this.#call ??= this.#start();
      const value = await this.#call.read();
      if (value === undefined) this.#call.throwIfFailed();
      else if (!this.#done) return { done: false, value };
    } catch (error) {
      // Whoever has left the iteration meanwhile knows that the call is cancelled.
      if (!this.#done) {
        this.#done = true;
        throw error;
      }
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.#done = true;
    this.#call?.cancel();
    return finished;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const finished: IteratorResult<Message, undefined> = { done: true, value: undefined };
