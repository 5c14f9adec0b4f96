import type { Message } from "@bufbuild/protobuf";

/** What Connect gets when it asks for a request. */
type Answer = IteratorResult<Message, undefined>;

type Waiting = (answer: Answer | Promise<Answer>) => void;

const end: Answer = { value: undefined, done: true };

/** The requests of a call, which Connect iterates over. It asks for the next one when it can send it. */
export class RequestQueue implements AsyncIterableIterator<Message, undefined> {
  readonly #requests: Message[] = [];
  readonly #onDrain: () => void;
  /** What Connect gets after the last request: the end, or the reason why the call has failed. */
  #end: (() => Promise<Answer>) | undefined;
  #waiting: Waiting | undefined;

  /** @param onDrain called when Connect has taken all requests, after `push` returned false */
  constructor(onDrain: () => void) {
    this.#onDrain = onDrain;
  }

  /** Adds a request. @returns whether the next one may follow at once: one may wait until Connect takes it */
  push(request: Message): boolean {
    const waiting = this.#takeWaiting();
    if (waiting === undefined) this.#requests.push(request);
    else waiting({ value: request, done: false });
    return this.#requests.length < 2;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  end(): void {
    this.#endWith(this.#end ?? (async () => end));
  }

  async next(): Promise<Answer> {
    const request = this.#requests.shift();
    if (request !== undefined) {
      if (this.#requests.length === 0) this.#onDrain();
      return { value: request, done: false };
    }
    if (this.#end !== undefined) return await this.#end();
    return await new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Connect calls it when the call is over. */
  async return(): Promise<Answer> {
    this.end();
    return end;
  }

  /** Connect calls it when the call has failed. The requests must not seem complete then. */
  async throw(reason: unknown): Promise<Answer> {
    this.#requests.length = 0;
    this.#endWith(() => Promise.reject(reason));
    return end;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #endWith(result: () => Promise<Answer>): void {
    this.#end = result;
    this.#takeWaiting()?.(result());
  }

  #takeWaiting(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
