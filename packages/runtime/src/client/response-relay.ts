import type { Message } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { ResponseListener } from "../transport/client.js";

/** Who reads a source of responses. An object, because a function for each response would cost more. */
export interface ResponseReceiver {
  /** Takes a response, or `undefined` at the end. */
  onRead(source: ResponseSource, response: Message | undefined): void;
}

/** Where a {@link ResponseRelay} gets responses from. */
export interface ResponseSource {
  /** Passes the next response to the receiver, or `undefined` at the end, at once or later. */
  read(receiver: ResponseReceiver): void;
  /** Nobody wants further responses. A pending `read()` need not be answered then. */
  leave?(): void;
}

/**
 * Answers the pulls of the caller of an intercepted call: with the responses of an
 * attempt, then of the next one, or with those of an interceptor. At the end of a
 * source the caller waits, as long as the interceptors are not done.
 */
export class ResponseRelay implements ResponseReceiver {
  readonly #listener: ResponseListener;
  #source: ResponseSource | undefined;
  /** Whether a pull has not been answered. */
  #pulled = false;
  /** Whether a read of the source is pending. */
  #reading = false;
  /** Whether the caller has got a response. */
  delivered = false;
  /** Whether no further source follows. */
  #over = false;
  /** The end to report after the pending pull has been answered. */
  #end: CallEnd | undefined;
  #failure: CallEnd | undefined;

  constructor(listener: ResponseListener) {
    this.#listener = listener;
  }

  pull(): void {
    this.#pulled = true;
    this.#serve();
  }

  /**
   * Continues with the responses of another source, or waits for it. The former one,
   * if any, has failed without a response.
   */
  readFrom(source: ResponseSource | undefined): void {
    this.#source = source;
    this.#reading = false;
    this.#serve();
  }

  /** Leaves a source, if it is the current one and has not ended. */
  leave(source: ResponseSource): void {
    if (this.#source !== source) return;
    source.leave?.();
    this.#source = undefined;
    this.#reading = false;
    this.#serve();
  }

  /** The call is over. Unread responses of the source, if any, can still be pulled. */
  finish(end: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    if (end.status === Status.OK) {
      this.#end = end;
      this.#serve();
      this.#reportEnd();
    } else {
      this.#listener.onEnd(end);
      this.#serve();
    }
  }

  /** A response cannot be read, although the call has succeeded. */
  fail(failure: CallEnd): void {
    if (this.#end === undefined) this.#failure = failure;
    else this.#end = failure;
  }

  /** The caller has cancelled the call: pulls are still answered. */
  cancel(): void {
    this.#over = true;
    this.#serve();
  }

  #serve(): void {
    if (!this.#pulled || this.#reading) return;
    const source = this.#source;
    if (source !== undefined) {
      this.#reading = true;
      source.read(this);
    } else if (this.#over) {
      this.#pulled = false;
      this.#listener.onMessagesEnd(this.#failure);
    }
  }

  onRead(source: ResponseSource, response: Message | undefined): void {
    // Otherwise another source has replaced it.
    if (source !== this.#source) return;
    this.#reading = false;
    if (response !== undefined) {
      this.#pulled = false;
      this.delivered = true;
      this.#listener.onMessage(response);
    } else {
      this.#source = undefined;
    }
    this.#serve();
    this.#reportEnd();
  }

  /** Reports the end of a call that has succeeded only after the pending pull has been answered, as the port requires. */
  #reportEnd(): void {
    const end = this.#end;
    if (end === undefined || this.#pulled) return;
    this.#end = undefined;
    this.#listener.onEnd(end);
  }
}
