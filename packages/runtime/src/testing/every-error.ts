import { textOf } from "../core/text-of.js";
import { contractBehind, type DeclaredError, declarationKey, type MethodErrors } from "../errors/contract.js";
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
  const declared = contractBehind(Object(errors))?.errors ?? sharedDeclarations(Object(errors));
  if (Object.keys(declared).length === 0) {
    const example = "as in everyError(LibraryServiceErrors.GetBook)";
    throw new TypeError(
      `everyError() takes the errors of a method, or shared errors, ${example}, got ${textOf(errors)}`,
    );
  }
  return Object.entries(declared).map(([kind, declaration]) => sampleError(errors, kind, declaration) as E);
}

/** The declarations behind the factories of shared errors. */
function sharedDeclarations(errors: object): { readonly [kind: string]: DeclaredError } {
  const declarations = mapValues({ ...errors }, (factory) => Reflect.get(Object(factory), declarationKey));
  return Object.fromEntries(Object.entries(declarations).filter(([, declaration]) => declaration !== undefined));
}

/** An error of a kind, with what its declaration requires. */
export function sampleError(errors: object, kind: string, declaration: DeclaredError): GRPCError {
  const { metadata = [], details = {}, message } = declaration;
  const values = Object.fromEntries(metadata.map((key) => [key, key]));
  const data = { ...mapValues(details, withRequiredFields), metadata: values };
  const factories = errors as Record<string, (...args: unknown[]) => GRPCError>;
  const create = factories[kind] as (typeof factories)[string];
  return message === undefined ? create(`A fake ${kind}`, data) : create(data);
}
