import type { Message } from "@bufbuild/protobuf";
import type { ClientCall } from "./call.js";

/**
 * The responses of a streaming call, as its caller iterates over them. The call
 * starts with the first `next()`. Leaving the iteration early cancels it at once.
 */
export class Responses implements AsyncIterableIterator<Message> {
  readonly #start: () => ClientCall;
  #call: ClientCall | undefined;
  #done = false;

  constructor(start: () => ClientCall) {
    this.#start = start;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    if (this.#done) return Promise.resolve(finished);
    let call: ClientCall;
    try {
      call = this.#call ??= this.#start();
    } catch (error) {
      this.#done = true;
      return Promise.reject(error);
    }
    // One promise, where an async function would make two.
    return new Promise((resolve) => {
      call.responses.read((response) => {
        if (response instanceof Promise) resolve(this.#finish(response));
        else resolve(this.#done ? finished : { done: false, value: response });
      });
    });
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.#done = true;
    this.#call?.cancel();
    return finished;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #finish(end: Promise<undefined>): Promise<IteratorResult<Message, undefined>> {
    try {
      await end;
    } catch (error) {
      // Whoever has left the iteration meanwhile knows that the call is cancelled.
      if (!this.#done) {
        this.#done = true;
        throw error;
      }
    }
    return this.return();
  }
}

const finished: IteratorResult<Message, undefined> = { done: true, value: undefined };
