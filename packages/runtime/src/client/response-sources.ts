import type { DescMessage, Message } from "@bufbuild/protobuf";
import { asMessage } from "../core/as-message.js";
import { ProtocolError } from "../errors/protocol-error.js";
import { noResponses, notAResponse } from "./interceptor-misuse.js";
import type { ResponseReceiver, ResponseSource } from "./response-relay.js";

/** The responses that an interceptor returns instead of calling `next()`. */
export class OwnResponses implements ResponseSource {
  /** Resolves when all responses have been read. Rejects with an error that the iteration throws. */
  readonly untilRead: Promise<void>;
  readonly #schema: DescMessage;
  readonly #passOut: (response: Message) => Message | undefined;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #onRead: () => void = () => {};
  #onFailed: (error: unknown) => void = () => {};

  /** @throws ProtocolError if they cannot be iterated */
  constructor(schema: DescMessage, responses: unknown, passOut: (response: Message) => Message | undefined) {
    this.#schema = schema;
    this.#passOut = passOut;
    this.#iterator = iterate(responses);
    this.untilRead = new Promise((resolve, reject) => {
      this.#onRead = resolve;
      this.#onFailed = reject;
    });
  }

  read(receiver: ResponseReceiver): void {
    void this.#next().then((response) => receiver.onRead(this, response));
  }

  leave(): void {
    // The call is over, so an error of the clean-up is ignored.
    void (async () => this.#iterator.return?.())().catch(() => {});
  }

  async #next(): Promise<Message | undefined> {
    try {
      const { done, value } = await this.#iterator.next();
      if (!done) return this.#passOut(this.#response(value));
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
  const responses = [message];
  return {
    read(receiver) {
      receiver.onRead(this, responses.pop());
    },
  };
}
