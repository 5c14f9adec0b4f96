import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import type { Replace } from "../core/replace-message.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { ClientCall } from "./call.js";
import type { RequestBudget } from "./request-budget.js";

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

/**
 * The requests of an intercepted call. They wait here until an attempt starts.
 * Some stay for further attempts: a single request, and those that are to be kept.
 */
export class HeldRequests {
  readonly #schema: DescMessage;
  #handling: RequestHandling | undefined;
  #requests: HeldRequest[] = [];
  #ended = false;
  /** The size of the streamed requests that are kept. */
  #bytes = 0;
  /** Whether an attempt that starts now sends all requests. */
  complete = true;

  constructor(schema: DescMessage) {
    this.#schema = schema;
  }

  /** Adds a request. @returns a promise that resolves when the next one may follow; `undefined` if it may at once */
  add(
    message: Message,
    last: boolean,
    compress: boolean | undefined,
    attempts: readonly ClientCall[],
  ): Promise<void> | undefined {
    const request = { message, last, compress, sent: false };
    this.#requests.push(request);
    return attempts.length === 0 ? undefined : this.#send([request], attempts);
  }

  /** Ends the requests. */
  end(attempts: readonly ClientCall[]): void {
    this.#ended = true;
    for (const attempt of attempts) attempt.endRequests();
  }

  /** Sends all requests so far. @returns as {@link HeldRequests.add} does */
  sendAll(attempt: ClientCall, handling: RequestHandling): Promise<void> | undefined {
    this.#handling ??= handling;
    const waiting = this.#requests.length === 0 ? undefined : this.#send(this.#requests, [attempt]);
    if (this.#ended) attempt.endRequests();
    return waiting;
  }

  #send(requests: readonly HeldRequest[], attempts: readonly ClientCall[]): Promise<void> | undefined {
    const waiting: Promise<void>[] = [];
    try {
      for (const request of requests) {
        if (!request.sent) this.#prepare(request);
        const { message, last, compress } = request;
        for (const attempt of attempts) {
          const drained = attempt.send(message, last, compress);
          if (drained !== undefined) waiting.push(drained);
        }
      }
    } catch (error) {
      // The interceptor did not accept a request.
      for (const attempt of attempts) attempt.fail(error);
    }
    if (!this.complete) this.release();
    return waiting.length > 1 ? Promise.all(waiting).then(() => {}) : waiting[0];
  }

  /** No further attempts start. */
  release(): void {
    this.complete = false;
    this.#requests = [];
    this.#handling?.budget?.giveBack(this.#bytes);
    this.#bytes = 0;
  }

  #prepare(request: HeldRequest): void {
    const { replace } = this.#handling ?? {};
    if (replace !== undefined) request.message = replace(request.message);
    request.sent = true;
    if (!request.last && this.complete) this.complete = this.#keep(request.message);
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

  #sizeOf(message: Message): number {
    // A message that cannot be encoded ends its attempt.
    return tryOrUndefined(() => toBinary(this.#schema, message).length) ?? 0;
  }
}
