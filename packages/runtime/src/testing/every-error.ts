import { textOf } from "../core/text-of.js";
import { type Contract, contractBehind, type MethodErrors } from "../errors/contract.js";
import type { GRPCError } from "../errors/error.js";
import { mapValues } from "../errors/map-values.js";
import type { SharedErrors } from "../errors/shared-errors.js";
import { withRequiredFields } from "./required-fields.js";

/**
 * Creates an error of each kind that a method or a file declares, to test in a loop
 * that a caller handles all of them. They have what the contract requires: metadata whose
 * values are its keys, and details without content. Pass one to {@link fake}.
 *
 * @param errors the errors of a method, such as `LibraryServiceErrors.GetBook`, or the shared errors of a file
 * @throws TypeError for anything else
 */
export function everyError<E extends GRPCError>(errors: MethodErrors<E> | SharedErrors<E>): readonly E[] {
  const contract = contractBehind(Object(errors));
  if (contract === undefined) {
    const example = "as in everyError(LibraryServiceErrors.GetBook)";
    throw new TypeError(
      `everyError() takes the errors of a method, or shared errors, ${example}, got ${textOf(errors)}`,
    );
  }
  return Object.keys(contract.errors).map((kind) => sampleError(errors, contract, kind) as E);
}

/** An error of a kind that the contract declares, with what it requires. */
export function sampleError(errors: object, contract: Contract, kind: string): GRPCError {
  const { metadata = [], details = {}, message } = contract.errors[kind] ?? {};
  const values = Object.fromEntries(metadata.map((key) => [key, key]));
  const data = { ...mapValues(details, withRequiredFields), metadata: values };
  const factories = errors as Record<string, (...args: unknown[]) => GRPCError>;
  const create = factories[kind] as (typeof factories)[string];
  return message === undefined ? create(`A fake ${kind}`, data) : create(data);
}
