import { create, type DescMessage, isMessage, type Message } from "@bufbuild/protobuf";
import { isError } from "./is-error.js";

/**
 * The message that user code passes or returns, or creates with the fields of the object that it gives.
 *
 * @returns `undefined` for what cannot be meant as one, such as a promise, a list, bytes, or a message of another type.
 * Without this check, it would become an empty message.
 */
export function asMessage(schema: DescMessage, given: unknown): Message | undefined {
  if (isMessage(given)) return given.$typeName === schema.typeName ? given : undefined;
  if (typeof given !== "object" || given === null || isError(given)) return undefined;
  const { then } = given as { readonly then?: unknown };
  if (typeof then === "function" || Symbol.iterator in given || Symbol.asyncIterator in given) return undefined;
  return create(schema, given as Record<string, unknown>);
}
