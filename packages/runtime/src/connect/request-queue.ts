import type { Message } from "@bufbuild/protobuf";

/** What Connect gets when it asks for a request. */
type Answer = IteratorResult<Message, undefined>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

const end: Answer = { value: undefined, done: true };

/** The requests of a call, which Connect iterates over. It asks for the next one when it can send it. */
export class RequestQueue implements AsyncIterableIterator<Message, undefined> {
  readonly #requests: Message[] = [];
  readonly #onDrain: () => void;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #waiting: Waiting | undefined;

  /** @param onDrain called when Connect has taken all requests, after `push` returned false */
  constructor(onDrain: () => void) {
    this.#onDrain = onDrain;
  }

  /** Adds a request. @returns whether the next one may follow at once: one may wait until Connect takes it */
  push(request: Message): boolean {
    const waiting = this.#takeWaiting();
    if (waiting === undefined) this.#requests.push(request);
    else waiting.resolve({ value: request, done: false });
    return this.#requests.length < 2;
  }

  end(): void {
    this.#ended = true;
    this.#takeWaiting()?.resolve(end);
  }

  async next(): Promise<Answer> {
    const request = this.#requests.shift();
    if (request !== undefined) {
      if (this.#requests.length === 0) this.#onDrain();
      return { value: request, done: false };
    }
    if (this.#failure !== undefined) throw this.#failure.reason;
    if (this.#ended) return end;
    return await new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** Connect calls it when the call is over. */
  async return(): Promise<Answer> {
    this.end();
    return end;
  }

  /** Connect calls it when the call has failed. The requests must not seem complete then. */
  async throw(reason: unknown): Promise<Answer> {
    this.#failure = { reason };
    this.#requests.length = 0;
    this.#takeWaiting()?.reject(reason);
    return end;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #takeWaiting(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
