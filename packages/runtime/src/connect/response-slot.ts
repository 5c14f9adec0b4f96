import type { Message } from "@bufbuild/protobuf";

type Answer = IteratorResult<Message, undefined>;

/** Holds one response until Connect asks for it. When it asks for the next one, it has sent the last one. */
export class ResponseSlot implements AsyncIterator<Message, undefined> {
  readonly #onDrain: () => void;
  readonly #onCancel: (reason: unknown) => void;
  #response: Message | undefined;
  #end: { readonly error: Error | undefined } | undefined;
  #answer: ((answer: Answer | Promise<never>) => void) | undefined;

  /**
   * @param onDrain called when the response has been sent
   * @param onCancel called when the response cannot be sent
   */
  constructor(onDrain: () => void, onCancel: (reason: unknown) => void) {
    this.#onDrain = onDrain;
    this.#onCancel = onCancel;
  }

  /** Puts a response into the empty slot. */
  put(response: Message): void {
    this.#response = response;
    this.#serve();
  }

  /** Ends the responses, after the one in the slot. @param error thrown to Connect */
  end(error: Error | undefined): void {
    this.#end = { error };
    this.#serve();
  }

  next(): Promise<Answer> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      if (this.#response === undefined && this.#end === undefined) this.#onDrain();
      this.#serve();
    });
  }

  /**
   * Connect calls it when it stops sending: the client has left, or a response could not be sent. Not all runtimes tell
   * in another way that the client has left.
   */
  async throw(reason: unknown): Promise<never> {
    this.#onCancel(reason);
    throw reason;
  }

  #serve(): void {
    const answer = this.#answer;
    if (answer === undefined || (this.#response === undefined && this.#end === undefined)) return;
    this.#answer = undefined;
    const value = this.#response;
    this.#response = undefined;
    if (value !== undefined) answer({ value, done: false });
    else answer(this.#end?.error === undefined ? { value, done: true } : Promise.reject(this.#end.error));
  }
}
