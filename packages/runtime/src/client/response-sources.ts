import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { textOf } from "../core/text-of.js";
import type { CallEnd } from "../errors/call-end.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { Attempt } from "./attempt.js";
import type { Replace } from "./interceptor-view.js";
import { endWith } from "./outcome.js";
import type { ResponseSource } from "./response-relay.js";

/** The streamed responses of an attempt. */
export class AttemptResponses implements ResponseSource {
  readonly #attempt: Attempt;
  readonly #replace: Replace | undefined;
  /** Whether replacing a response has failed. The caller must not get those after it. */
  #broken = false;

  constructor(attempt: Attempt, replace: Replace | undefined) {
    this.#attempt = attempt;
    this.#replace = replace;
  }

  get failure(): CallEnd | undefined {
    return this.#attempt.end;
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
      this.#broken = true;
      this.#attempt.fail(error);
      return undefined;
    }
  }
}

/** The responses that an interceptor returns instead of calling `next()`. */
export class OwnResponses implements ResponseSource {
  readonly #schema: DescMessage;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #failure: CallEnd | undefined;

  /** @throws ProtocolError if they cannot be iterated */
  constructor(schema: DescMessage, responses: unknown) {
    this.#schema = schema;
    this.#iterator = iterate(responses);
  }

  get failure(): CallEnd | undefined {
    return this.#failure;
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
      return done ? undefined : create(this.#schema, value as Record<string, unknown>);
    } catch (error) {
      this.#failure = endWith(error);
      return undefined;
    }
  }
}

function iterate(responses: unknown): Iterator<unknown> | AsyncIterator<unknown> {
  const given = Object(responses);
  const start = given[Symbol.asyncIterator] ?? given[Symbol.iterator];
  if (typeof start === "function") return start.call(responses);
  throw new ProtocolError(
    `An interceptor has to call next(), or to return the responses as an iterable. It returned ${textOf(responses)}.`,
  );
}

/** A response that is at hand. */
export function oneResponse(message: Message): ResponseSource {
  const messages = [message];
  return { read: (receiver) => receiver(messages.shift()) };
}
