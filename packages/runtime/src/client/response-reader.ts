import type { Message } from "@bufbuild/protobuf";
import type { CallEnd } from "../errors/call-end.js";
import { Inbox } from "../flow/inbox.js";
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

/** The source of a single response, which is pulled when the call starts. */
const pulledAtStart = { pull() {} };

/**
 * The reading half of an outgoing call.
 *
 * The responses of a streaming method are pulled one at a time, as they are read.
 * A single response is pulled when the call starts, followed by a second pull,
 * which must yield no response. The caller gets the single response when the
 * outcome of the call is known.
 */
export class ResponseReader extends Inbox {
  readonly #call: ReadCall;
  readonly #single: boolean;
  #hasResponse = false;

  constructor(call: ReadCall, singleResponse: boolean) {
    super(singleResponse ? pulledAtStart : call);
    this.#call = call;
    this.#single = singleResponse;
  }

  /** Takes a response from the transport. */
  override push(response: Message): void {
    if (this.#single && this.#hasResponse) {
      this.#call.cancel(wrongResponseCount(2));
      // The pending pull has been answered, so that nothing else ends the inbox.
      return this.end();
    }
    this.#hasResponse = true;
    super.push(response);
    if (this.#single) this.#call.pull();
  }

  /** Skips all unread responses. */
  async skipAll(): Promise<void> {
    while ((await this.next()) !== undefined);
  }

  /** Waits for the only response. @throws the error of the call if it did not succeed */
  async receiveOnly(): Promise<Message> {
    const response = await this.next();
    await this.#call.untilOver();
    return this.#onlyResponse(response);
  }

  /** The only response of a call that is over. @throws the error of the call if it did not succeed */
  takeOnly(): Message {
    return this.#onlyResponse(this.take());
  }

  #onlyResponse(response: Message | undefined): Message {
    this.#call.throwIfFailed();
    if (response === undefined) throw errorOf({ end: wrongResponseCount(0) }, this.#call);
    return response;
  }

  /** Resolves when a call whose responses have been read is over. @throws the error of the call if it has failed */
  async afterLast(): Promise<undefined> {
    // The call is not over while a hook is about to run. Besides, the caller's `await` is chained to this promise only
    // after two microtasks, and only then does the stack of an error that is created here show the caller.
    await Promise.resolve();
    await this.#call.untilOver();
    this.#call.throwIfFailed();
  }
}
