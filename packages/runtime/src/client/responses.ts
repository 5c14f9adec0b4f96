import type { Message } from "@bufbuild/protobuf";
import type { ClientCall } from "./call.js";

/**
 * The iterator over the responses of a streaming call. The first `next()` starts
 * the call. Leaving the iteration early cancels the call at once.
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
    const response = call.responses.take();
    if (response !== undefined) return Promise.resolve({ done: false, value: response });
    // An async function would create two promises per response. This creates one.
    return new Promise((resolve) => {
      call.responses.wait((response) => {
        if (response === undefined) resolve(this.#finish(call.responses.afterLast()));
        else resolve(this.#done ? finished : { done: false, value: response });
      });
    });
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.#done = true;
    this.#call?.cancel();
    return finished;
  }

  /** Called when the caller's generator is thrown into while it is suspended at `yield*`. */
  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #finish(end: Promise<undefined>): Promise<IteratorResult<Message, undefined>> {
    try {
      await end;
    } catch (error) {
      // If the caller has left the iteration meanwhile, it cancelled the call, and does not need the error.
      if (!this.#done) {
        this.#done = true;
        throw error;
      }
    }
    return this.return();
  }
}

const finished: IteratorResult<Message, undefined> = { done: true, value: undefined };
