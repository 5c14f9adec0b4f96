import type { Message } from "@bufbuild/protobuf";

/** What Connect gets when it asks for a request. */
type Answer = IteratorResult<Message, undefined>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

const end: Answer = { value: undefined, done: true };

/** The requests of a call, which Connect iterates over. It asks for the next request when it has encoded the last one. */
export class RequestQueue implements AsyncIterableIterator<Message, undefined> {
  readonly #requests: Message[] = [];
  readonly #onDrain: () => void;
  #ended = false;
  #waiting: Waiting | undefined;

  /** @param onDrain called when Connect asks for a request and there is none */
  constructor(onDrain: () => void) {
    this.#onDrain = onDrain;
  }

  push(request: Message): void {
    if (this.#waiting === undefined) this.#requests.push(request);
    else this.#take()?.resolve({ value: request, done: false });
  }

  end(): void {
    this.#ended = true;
    this.#take()?.resolve(end);
  }

  async next(): Promise<Answer> {
    const request = this.#requests.shift();
    if (request !== undefined) return { value: request, done: false };
    if (this.#ended) return end;
    return await new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#onDrain();
    });
  }

  /** Connect calls it when the call is over. */
  async return(): Promise<Answer> {
    this.end();
    return end;
  }

  /** Connect calls it when the call has failed. The requests must not seem complete then. */
  async throw(reason: unknown): Promise<Answer> {
    this.#take()?.reject(reason);
    return await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
