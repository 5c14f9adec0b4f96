import type { DescMessage, Message } from "@bufbuild/protobuf";
import { asMessage, type Replace } from "../core/replace-message.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { Attempt } from "./attempt.js";
import { noResponses, notAResponse } from "./interceptor-misuse.js";
import { endWith } from "./outcome.js";
import type { ResponseSource } from "./response-relay.js";

/** The streamed responses of an attempt. */
export class AttemptResponses implements ResponseSource {
  readonly #attempt: Attempt;
  readonly #replace: Replace | undefined;
  /** Whether `next()` has resolved. Until then, it is the interceptor that gets the error of the attempt. */
  #succeeded = false;
  /** Why a response could not be replaced. The caller must not get those after it. */
  #broken: CallEnd | undefined;

  constructor(attempt: Attempt, replace: Replace | undefined) {
    this.#attempt = attempt;
    this.#replace = replace;
  }

  /** The attempt is over, although responses may be unread. @throws its error, or that of a response, if it has failed */
  succeed(): undefined {
    this.#attempt.throwIfFailed();
    if (this.#broken !== undefined) throw this.#broken.error;
    this.#succeeded = true;
  }

  get failure(): CallEnd | undefined {
    const end = this.#broken ?? this.#attempt.end;
    return this.#succeeded && end?.status !== Status.OK ? end : undefined;
  }

  read(receiver: (response: Message | undefined) => void): void {
    this.#attempt.responses.read((response) => {
      // The end of the responses. Whoever awaits next() gets the error.
      if (response instanceof Promise) response.catch(() => {});
      receiver(response instanceof Promise || this.#broken ? undefined : this.#replaced(response));
    });
  }

  #replaced(response: Message): Message | undefined {
    try {
      return this.#replace === undefined ? response : this.#replace(response);
    } catch (error) {
      this.#broken = endWith(error);
      // If the attempt is over, next() has resolved.
      this.#attempt.fail(error);
      return undefined;
    }
  }
}

/** The responses that an interceptor returns instead of calling `next()`. */
export class OwnResponses implements ResponseSource {
  /** Resolves when all responses have been read. Rejects with an error that the iteration throws. */
  readonly untilRead: Promise<void>;
  readonly #schema: DescMessage;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #onRead: () => void = () => {};
  #onFailed: (error: unknown) => void = () => {};

  /** @throws ProtocolError if they cannot be iterated */
  constructor(schema: DescMessage, responses: unknown) {
    this.#schema = schema;
    this.#iterator = iterate(responses);
    this.untilRead = new Promise((resolve, reject) => {
      this.#onRead = resolve;
      this.#onFailed = reject;
    });
  }

  read(receiver: (response: Message | undefined) => void): void {
    void this.#next().then(receiver);
  }

  leave(): void {
    // The call is over, so an error of the clean-up is ignored.
    void (async () => this.#iterator.return?.())().catch(() => {});
  }

  async #next(): Promise<Message | undefined> {
    try {
      const { done, value } = await this.#iterator.next();
      if (!done) return this.#response(value);
      this.#onRead();
    } catch (error) {
      this.#onFailed(error);
    }
    return undefined;
  }

  #response(value: unknown): Message {
    const response = asMessage(this.#schema, value);
    if (response !== undefined) return response;
    this.leave();
    throw new ProtocolError(notAResponse(this.#schema.typeName, value));
  }
}

function iterate(responses: unknown): Iterator<unknown> | AsyncIterator<unknown> {
  const given = Object(responses);
  const start = given[Symbol.asyncIterator] ?? given[Symbol.iterator];
  if (typeof start === "function") return start.call(responses);
  throw new ProtocolError(noResponses(responses));
}

/** A response that is at hand. */
export function oneResponse(message: Message): ResponseSource {
  const messages = [message];
  return { read: (receiver) => receiver(messages.shift()) };
}
