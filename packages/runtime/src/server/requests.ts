import type { Message } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import type { Inbox } from "../flow/inbox.js";
import type { Trailers } from "./context.js";
import type { ResponseHalf } from "./response-half.js";

/** The iterator over the requests of a streaming method, for its handler. */
export class Requests implements AsyncIterableIterator<Message> {
  readonly #inbox: Inbox;
  readonly #response: ResponseHalf;

  constructor(inbox: Inbox, response: ResponseHalf) {
    this.#inbox = inbox;
    this.#response = response;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const request = this.#inbox.take();
    if (request !== undefined) return Promise.resolve({ done: false, value: request });
    // An async function would create two promises per request. This creates one.
    return new Promise((resolve, reject) => {
      this.#inbox.wait((value) => {
        if (value !== undefined) resolve({ done: false, value });
        else if (this.#response.cancelReason !== undefined) reject(this.#response.cancelReason);
        else resolve({ done: true, value });
      });
    });
  }

  /** Called when the handler's generator is thrown into while it is suspended at `yield*`. */
  async throw(error: unknown): Promise<never> {
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** How a call of a method with a single request ends if there are none or several. */
export function wrongRequestCount(count: number): Trailers {
  return { status: Status.UNIMPLEMENTED, message: `Expected one request message, got ${count}` };
}
