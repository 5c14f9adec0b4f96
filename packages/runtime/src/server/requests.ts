import type { Message } from "@bufbuild/protobuf";
import type { Inbox } from "../core/inbox.js";
import type { CallContext } from "./call-context.js";

/** The requests of a streaming method, as its handler iterates over them. */
export class Requests implements AsyncIterableIterator<Message> {
  readonly #inbox: Inbox;
  readonly #context: CallContext;

  constructor(inbox: Inbox, context: CallContext) {
    this.#inbox = inbox;
    this.#context = context;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const value = this.#inbox.take();
    return value === undefined ? this.#wait() : Promise.resolve({ done: false, value });
  }

  async #wait(): Promise<IteratorResult<Message, undefined>> {
    const value = await this.#inbox.read();
    if (value !== undefined) return { done: false, value };
    if (this.#context.cancelledBy !== undefined) throw this.#context.cancelledBy;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
