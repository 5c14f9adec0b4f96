import { textOf } from "../core/text-of.js";
import { type Contract, contractBehind, type MethodErrors } from "../errors/contract.js";
import type { GRPCError } from "../errors/error.js";

/**
 * Creates an error of each kind that a method declares, to test in a loop that a
 * caller handles all of them. They have what the contract requires: metadata whose
 * values are its keys, and details without content. Pass one to {@link fake}.
 *
 * @param errors the errors of a method, such as `LibraryServiceErrors.GetBook`
 * @throws TypeError for anything else
 */
export function everyError<E extends GRPCError>(errors: MethodErrors<E>): readonly E[] {
  const contract = contractBehind(Object(errors));
  if (contract === undefined) {
    const example = "as in everyError(LibraryServiceErrors.GetBook)";
    throw new TypeError(`everyError() takes the errors that a method declares, ${example}, got ${textOf(errors)}`);
  }
  return Object.keys(contract.errors).map((kind) => sampleError(errors, contract, kind) as E);
}

/** An error of a kind that the contract declares, with what it requires. */
export function sampleError(errors: object, contract: Contract, kind: string): GRPCError {
  const { metadata = [], details = {} } = contract.errors[kind] ?? {};
  const data = Object.fromEntries(Object.keys(details).map((property) => [property, {}]));
  const values = Object.fromEntries(metadata.map((key) => [key, key]));
  const factories = errors as Record<string, (message: string, data: object) => GRPCError>;
  const create = factories[kind] as (typeof factories)[string];
  return create(`A fake ${kind}`, { ...data, metadata: values });
}
