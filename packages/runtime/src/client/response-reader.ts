import type { Message } from "@bufbuild/protobuf";
import type { CallEnd } from "../errors/call-end.js";
import { Inbox, type MessageSource } from "../flow/inbox.js";
import { type CallInfo, errorOf, wrongResponseCount } from "./outcome.js";

/** The call whose responses are read. */
export interface ReadCall extends CallInfo {
  /** Asks the transport for a response. */
  pull(): void;
  /** Ends the call. */
  cancel(end: CallEnd): void;
  /** Resolves when the outcome of the call is known. */
  untilOver(): Promise<void>;
  /** @throws the error of a call that has failed */
  throwIfFailed(): void;
}

/**
 * The reading half of an outgoing call.
 *
 * The responses of a streaming method are pulled one at a time, as they are read.
 * A single response is pulled when the call starts, followed by a second pull,
 * which must yield no response. The caller gets the single response when the
 * outcome of the call is known.
 */
export class ResponseReader implements MessageSource {
  readonly #call: ReadCall;
  readonly #single: boolean;
  readonly #inbox: Inbox = new Inbox(this);
  #hasResponse = false;

  constructor(call: ReadCall, singleResponse: boolean) {
    this.#call = call;
    this.#single = singleResponse;
  }

  /** Takes a response from the transport. */
  push(response: Message): void {
    if (this.#single && this.#hasResponse) {
      this.#call.cancel(wrongResponseCount(2));
      // The pending pull has been answered, so that nothing else ends the inbox.
      return this.#inbox.end();
    }
    this.#hasResponse = true;
    this.#inbox.push(response);
    if (this.#single) this.#call.pull();
  }

  /** There are no more responses. */
  end(): void {
    this.#inbox.end();
  }

  /**
   * Passes the next response to the receiver when it arrives. At the end, passes a
   * promise instead, which rejects if the call has failed.
   */
  read(receiver: (response: Message | Promise<undefined>) => void): void {
    this.#inbox.read((response) => receiver(response ?? this.#afterLast()));
  }

  /** Skips all unread responses. */
  async skipAll(): Promise<void> {
    while ((await new Promise<Message | undefined>((resolve) => this.#inbox.read(resolve))) !== undefined);
  }

  /** Waits for the only response. @throws the error of the call if it did not succeed */
  async receiveOnly(): Promise<Message> {
    const response = await new Promise<Message | undefined>((resolve) => this.#inbox.read(resolve));
    await this.#call.untilOver();
    return this.#onlyResponse(response);
  }

  /** The only response of a call that is over. @throws the error of the call if it did not succeed */
  takeOnly(): Message {
    let response: Message | undefined;
    this.#inbox.read((message) => {
      response = message;
    });
    return this.#onlyResponse(response);
  }

  #onlyResponse(response: Message | undefined): Message {
    this.#call.throwIfFailed();
    if (response === undefined) throw errorOf({ end: wrongResponseCount(0) }, this.#call);
    return response;
  }

  /** Called by the inbox. A single response has already been pulled when the call started. */
  pull(): void {
    if (!this.#single) this.#call.pull();
  }

  async #afterLast(): Promise<undefined> {
    // The call is not over while a hook is about to run. Besides, the caller's `await` is chained to this promise only
    // after two microtasks, and only then does the stack of an error that is created here show the caller.
    await Promise.resolve();
    await this.#call.untilOver();
    this.#call.throwIfFailed();
  }
}
