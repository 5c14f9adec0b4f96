import { attempt } from "./attempt.js";

/** A text for any value. One that throws when it is made a string is described by its type. */
export function textOf(value: unknown): string {
  return attempt(() => String(value)) ?? `(${typeof value} that cannot be read)`;
}

/** The message of an error, the text of anything else. */
export function messageOf(value: unknown): string {
  return attempt(() => (value instanceof Error ? String(value.message) : undefined)) ?? textOf(value);
}

/** The stack of an error, the text of anything else. */
export function stackOf(value: unknown): string {
  return attempt(() => (value instanceof Error ? value.stack : undefined)) ?? textOf(value);
}
