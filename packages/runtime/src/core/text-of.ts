import { isMessage } from "@bufbuild/protobuf";
import { isError } from "./is-error.js";
import { tryOrUndefined } from "./try-or-undefined.js";

/**
 * Converts any value to a string. Functions, classes and messages are described by their names: as strings, they would
 * be source code or "[object Object]". Bytes, and values whose conversion throws, are described by their types.
 */
export function textOf(value: unknown): string {
  return tryOrUndefined(() => describe(value)) ?? `(${typeof value} that cannot be read)`;
}

function describe(value: unknown): string {
  if (isMessage(value)) return `a ${value.$typeName}`;
  if (ArrayBuffer.isView(value)) return Object.prototype.toString.call(value);
  if (typeof value !== "function") return String(value);
  const kind = String(value).startsWith("class") ? "class" : "function";
  return typeof value.name === "string" && value.name ? `the ${kind} ${value.name}` : `a ${kind}`;
}

/** The message of an error, or the text of any other value. */
export function messageOf(value: unknown): string {
  return tryOrUndefined(() => (isError(value) ? String(value.message) : undefined)) ?? textOf(value);
}

/** The stack of an error, or the text of any other value. */
export function stackOf(value: unknown): string {
  return tryOrUndefined(() => (isError(value) ? value.stack : undefined)) ?? textOf(value);
}
