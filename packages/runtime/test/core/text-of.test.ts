import { expect, test } from "vitest";
import { messageOf, stackOf, textOf } from "../../src/core/text-of.js";
import { trap, withGetter } from "../calls/hostile-values.js";

const error = new Error("broken");
const unreadable = "(object that cannot be read)";

/** Values, each with its text, its message and its stack, if those differ. */
const rows: Readonly<
  Record<string, readonly [value: unknown, text: string, message?: string, stack?: string | undefined]>
> = {
  "an error": [error, "Error: broken", "broken", error.stack],
  "an error without a stack": [Object.assign(new Error("a"), { stack: undefined }), "Error: a", "a"],
  "an error whose message is a number": [Object.assign(new Error(), { message: 5, stack: undefined }), "Error: 5", "5"],
  "an error that cannot be read": [withGetter(withGetter(new Error(), "stack"), "message"), unreadable],
  "a string": ["text", "text"],
  undefined: [undefined, "undefined"],
  null: [null, "null"],
  "a symbol": [Symbol("name"), "Symbol(name)"],
  "an object with a message and a stack": [{ message: "broken", stack: "at" }, "[object Object]"],
  "an object without a prototype": [Object.create(null), unreadable],
  "a function": [function add() {}, "the function add"],
  "a function without a name": [() => {}, "a function"],
  "a class": [class Library {}, "the class Library"],
  "a class whose name is not a string": [Object.defineProperty(class Library {}, "name", { value: 5 }), "a class"],
  "a function that cannot be read": [Object.assign(() => {}, { toString: trap }), "(function that cannot be read)"],
};

test.for(Object.keys(rows))("the text, the message and the stack of %s", (name) => {
  const [value, text = "", message = text, stack = text] = rows[name] ?? [];
  expect(textOf(value)).toBe(text);
  expect(messageOf(value)).toBe(message);
  expect(stackOf(value)).toBe(stack);
});
