import type { DescMessage, Message } from "@bufbuild/protobuf";
import { asMessage } from "./as-message.js";
import { markHandled } from "./mark-handled.js";
import { textOf } from "./text-of.js";

/**
 * A function that sees each message, and may return another one to replace it. If
 * it throws, or returns something else, the call fails with that error.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that only looks at messages has no `return`
export type MessageFunction = (message: Message) => Message | undefined | void;

/** Returns a message to use instead of the given one. */
export type Replace = (message: Message) => Message;

/**
 * Makes a {@link Replace} of a function that an interceptor registers.
 *
 * @param name what the interceptor registers it with, for errors
 * @throws TypeError if it is not a function. The result throws one if the function returns something else than a message.
 */
export function replaceWith(name: string, schema: DescMessage, callback: MessageFunction): Replace {
  if (typeof callback !== "function") throw new TypeError(`${name}() takes a function, got ${textOf(callback)}`);
  return (message) => {
    const returned: unknown = callback(message);
    const next = returned === undefined ? message : asMessage(schema, returned);
    if (next !== undefined) return next;
    // The promise of an async function may reject, too.
    void markHandled(Promise.resolve(returned));
    throw new TypeError(
      `The function of ${name}() has to return a ${schema.typeName}, or undefined to keep the message. It returned ${textOf(returned)}.`,
    );
  };
}

/** Applies one function after the other. */
export function chain(first: Replace | undefined, second: Replace | undefined): Replace | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (message) => second(first(message));
}
