import type { Message } from "@bufbuild/protobuf";
import type { Inbox } from "../core/inbox.js";
import type { CallContext } from "./call-context.js";
import { takeTurn } from "./turns.js";

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
        const { cancelledBy } = this.#context;
        // The end of its call is no work for the handler, and needs no turn.
        if (value === undefined && cancelledBy !== undefined) return reject(cancelledBy);
        const result = { done: value === undefined, value } as IteratorResult<Message, undefined>;
        const turn = takeTurn();
        resolve(turn === undefined ? result : turn.then(() => result));
      });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
