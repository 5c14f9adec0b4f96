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
    const next = this.#inbox.take();
    if (next !== undefined) return Promise.resolve({ done: false, value: next });
    // One promise, where an async function would make two.
    return new Promise((resolve, reject) => {
      this.#inbox.pass((value) => {
        if (value !== undefined) resolve({ done: false, value });
        else if (this.#context.cancelledBy !== undefined) reject(this.#context.cancelledBy);
        else resolve({ done: true, value });
      });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
