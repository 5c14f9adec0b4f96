import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { isError } from "./is-error.js";
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
    if (returned === undefined) return message;
    const replacement = asMessage(schema, returned);
    if (replacement !== undefined) return replacement;
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

/** The message that user code returns, or creates with the fields that it returns; `undefined` for any other value. */
export function asMessage(schema: DescMessage, given: unknown): Message | undefined {
  if (Object(given) !== given || isError(given)) return undefined;
  const { $typeName = schema.typeName, then } = given as { readonly $typeName?: unknown; readonly then?: unknown };
  const isList = Symbol.iterator in (given as object) || Symbol.asyncIterator in (given as object);
  if (isList || typeof given === "function" || typeof then === "function" || $typeName !== schema.typeName) {
    return undefined;
  }
  return create(schema, given as Record<string, unknown>);
}
