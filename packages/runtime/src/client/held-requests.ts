import { clone, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import type { Replace } from "../core/replace-message.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { type Callbacks, callAll, withCallback } from "./callbacks.js";
import type { RequestBudget } from "./request-budget.js";

/** Where requests go to. */
export interface RequestReceiver {
  readonly over: boolean;
  /**
   * @param kept whether the request stays in memory for further attempts
   * @returns a promise that resolves when the next request may follow; `undefined` if it may at once
   */
  send(message: Message, last: boolean, compress: boolean | undefined, kept: boolean): Promise<void> | undefined;
  endRequests(): void;
  /** Ends the call with an error of the caller's own code. */
  fail(error: unknown): void;
}

/** A request of the caller. */
interface HeldRequest {
  message: Message;
  readonly last: boolean;
  readonly compress: boolean | undefined;
  /** Whether it has been sent, by one attempt at least. The interceptor has seen it then, and its size is counted. */
  sent: boolean;
}

/** What an interceptor asks for before its first attempt. */
export interface RequestHandling {
  /** Called with each request before it is sent for the first time. */
  readonly replace: Replace | undefined;
  /** The size, in bytes, that streamed requests may have together to be kept for further attempts. */
  readonly keptBytes: number;
  /** What these requests share with those of other calls; `undefined` for no further limit. */
  readonly budget?: RequestBudget | undefined;
}

/** A shared placeholder until a list is needed. Never push to it. */
const none: HeldRequest[] = [];

/** The attempts that requests are sent to. */
export interface RunningReceivers {
  /** `undefined` if there are none. */
  readonly running: RequestReceiver | undefined;
}

/** One receiver for all receivers of a list; `undefined` if the list is empty. */
export function receiverOf(all: readonly RequestReceiver[]): RequestReceiver | undefined {
  return all.length > 1 ? new SeveralReceivers(all) : all[0];
}

class SeveralReceivers implements RequestReceiver {
  readonly #all: readonly RequestReceiver[];

  constructor(all: readonly RequestReceiver[]) {
    this.#all = all;
  }

  get over(): boolean {
    return this.#all.every(({ over }) => over);
  }

  send(message: Message, last: boolean, compress: boolean | undefined, kept: boolean): Promise<void> | undefined {
    const waiting = this.#all.map((receiver) => receiver.send(message, last, compress, kept));
    // An attempt that does not read must not hold the others back. Its stream holds no more bytes than may be kept.
    return kept ? Promise.race(waiting as Promise<void>[]) : waiting.reduce(both, undefined);
  }

  endRequests(): void {
    for (const receiver of this.#all) receiver.endRequests();
  }

  fail(error: unknown): void {
    for (const receiver of this.#all) receiver.fail(error);
  }
}

/**
 * The requests for the attempts of an interceptor. They wait here until an attempt starts.
 * Some stay for further attempts: a single request, and those that are to be kept.
 */
export class HeldRequests {
  readonly #schema: DescMessage;
  #handling: RequestHandling | undefined;
  #requests = none;
  #ended = false;
  /** The size of the streamed requests that are kept. */
  #bytes = 0;
  /** Whether an attempt that starts now sends all requests. */
  complete = true;
  /** Called when the next request may follow. */
  #onDrained: Callbacks;

  constructor(schema: DescMessage) {
    this.#schema = schema;
  }

  /** Adds a request. @returns as {@link RequestReceiver.send} does. Without an attempt, the next request has to wait for one */
  add(
    message: Message,
    last: boolean,
    compress: boolean | undefined,
    attempts: RunningReceivers,
  ): Promise<void> | undefined {
    // The caller may change or reuse a message once it has been sent.
    const { running } = attempts;
    const held = running === undefined ? this.#copyOf(message) : message;
    const request = { message: held, last, compress, sent: false };
    if (this.#requests.length === 0) this.#requests = [request];
    else this.#requests.push(request);
    const waiting = running && this.#send(request, running);
    if (last || (waiting === undefined && attempts.running !== undefined)) return undefined;
    this.#releaseAfter(waiting, attempts);
    return new Promise((resolve) => {
      this.#onDrained = withCallback(this.#onDrained, resolve);
    });
  }

  /** Ends the requests. */
  end({ running }: RunningReceivers): void {
    this.#ended = true;
    running?.endRequests();
    this.releaseSenders();
  }

  /** Sends all requests so far to an attempt that has started. */
  sendAll(attempt: RequestReceiver, handling: RequestHandling, attempts: RunningReceivers): void {
    this.#handling ??= handling;
    let waiting: Promise<void> | undefined;
    for (const request of this.#requests) {
      if (attempt.over) break;
      waiting = both(waiting, this.#send(request, attempt));
    }
    if (this.#ended) attempt.endRequests();
    if (waiting !== undefined) this.#releaseAfter(waiting, attempts);
    else if (attempts.running !== undefined) this.releaseSenders();
  }

  /** Releases senders when an attempt has accepted the requests. If it is over then, they wait for the next one. */
  #releaseAfter(waiting: Promise<void> | undefined, attempts: RunningReceivers): void {
    void waiting?.then(() => {
      if (attempts.running !== undefined) this.releaseSenders();
    });
  }

  /** The next request may follow. */
  releaseSenders(): void {
    const callbacks = this.#onDrained;
    this.#onDrained = undefined;
    callAll(callbacks);
  }

  #send(request: HeldRequest, receiver: RequestReceiver): Promise<void> | undefined {
    let waiting: Promise<void> | undefined;
    try {
      if (!request.sent) this.#prepare(request);
      const { message, last, compress } = request;
      waiting = receiver.send(message, last, compress, this.complete);
    } catch (error) {
      // The interceptor did not accept the request.
      receiver.fail(error);
    }
    if (!this.complete) this.release();
    return waiting;
  }

  /** No further attempts start. */
  release(): void {
    this.complete = false;
    this.#requests = none;
    this.#handling?.budget?.giveBack(this.#bytes);
    this.#bytes = 0;
  }

  #prepare(request: HeldRequest): void {
    const { replace } = this.#handling ?? {};
    if (replace !== undefined) request.message = replace(request.message);
    request.sent = true;
    if (!request.last && this.complete) this.complete = this.#keep(request.message);
    if (this.complete && this.#repeats) request.message = this.#copyOf(request.message);
  }

  /** Whether further attempts are likely. Copies of all requests would be too expensive. */
  get #repeats(): boolean {
    return this.#handling !== undefined && (this.#handling.keptBytes > 0 || this.#handling.budget !== undefined);
  }

  /** @returns whether there is room to keep another streamed request */
  #keep(message: Message): boolean {
    const { keptBytes = 0, budget } = this.#handling ?? {};
    if (keptBytes === 0) return false;
    const size = this.#sizeOf(message);
    if (this.#bytes + size > keptBytes || budget?.take(size) === false) return false;
    this.#bytes += size;
    return true;
  }

  // A message that cannot be copied or encoded ends its attempt.

  #copyOf(message: Message): Message {
    return tryOrUndefined(() => clone(this.#schema, message)) ?? message;
  }

  #sizeOf(message: Message): number {
    return tryOrUndefined(() => toBinary(this.#schema, message).length) ?? 0;
  }
}

/** Resolves when both have; `undefined` if there is none. */
function both(first: Promise<void> | undefined, second: Promise<void> | undefined): Promise<void> | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return Promise.all([first, second]).then(() => {});
}
