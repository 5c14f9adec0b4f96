import { isError } from "./is-error.js";
import { tryOrUndefined } from "./try-or-undefined.js";

/**
 * Converts any value to a string. Functions and classes are described by their names, because their strings are their
 * source. A value whose conversion throws is described by its type.
 */
export function textOf(value: unknown): string {
  return (
    tryOrUndefined(() => (typeof value === "function" ? describeFunction(value) : String(value))) ??
    `(${typeof value} that cannot be read)`
  );
}

function describeFunction(value: { readonly name: unknown }): string {
  const kind = String(value).startsWith("class") ? "class" : "function";
  return typeof value.name === "string" && value.name !== "" ? `the ${kind} ${value.name}` : `a ${kind}`;
}

/** The message of an error, or the text of any other value. */
export function messageOf(value: unknown): string {
  return tryOrUndefined(() => (isError(value) ? String(value.message) : undefined)) ?? textOf(value);
}

/** The stack of an error, or the text of any other value. */
export function stackOf(value: unknown): string {
  return tryOrUndefined(() => (isError(value) ? value.stack : undefined)) ?? textOf(value);
}
