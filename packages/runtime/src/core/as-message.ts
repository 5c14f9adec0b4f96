import { create, type DescMessage, isMessage, type Message } from "@bufbuild/protobuf";
import { isError } from "./is-error.js";

/**
 * Turns what user code passes or returns into a message: a message of this type stays as it is, any other object gives
 * the fields of a new one.
 *
 * @returns `undefined` for a value that cannot be a message of this type, such as a promise, a list, a Uint8Array, or a
 * message of another type. `create()` would ignore it, or take only fields that happen to have the same name.
 */
export function asMessage(schema: DescMessage, given: unknown): Message | undefined {
  if (isMessage(given)) return given.$typeName === schema.typeName ? given : undefined;
  if (typeof given !== "object" || given === null || isError(given)) return undefined;
  const { then } = given as { readonly then?: unknown };
  if (typeof then === "function" || Symbol.iterator in given || Symbol.asyncIterator in given) return undefined;
  return create(schema, given as Record<string, unknown>);
}
