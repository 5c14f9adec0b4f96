import { contractOf, type DeclaredError, declarationKey, factoryOf, isDeclaredBy } from "./contract.js";
import type { GRPCError } from "./error.js";
import { mapValues } from "./map-values.js";

/** The errors that a .proto file declares for the methods of several services. */
export interface SharedErrors<E extends GRPCError> {
  /**
   * Whether an error is one of them, whichever method raised it: a received error
   * that matches, or one that a factory created, also after `toJSON()` and
   * `GRPCError.fromJSON()`. The result of `relay()` is one if it matches.
   */
  is(error: unknown): error is E;
}

/**
 * Creates the errors that a .proto file declares for the methods of several
 * services: a factory for each, and `is()`. Called by generated code, which passes
 * the factories to `methodErrors()`.
 *
 * @param packageName the package of the file
 */
export function sharedErrors<Errors>(packageName: string, errors: { readonly [kind: string]: DeclaredError }): Errors {
  const declared = mapValues(errors, (error, kind): DeclaredError => {
    return { ...error, sharedName: packageName === "" ? kind : `${packageName}.${kind}` };
  });
  const contract = contractOf("", declared);
  const factories = mapValues(declared, (error, kind) =>
    Object.defineProperty(factoryOf("", kind, error), declarationKey, { value: error }),
  );
  return { ...factories, is: (error: unknown) => isDeclaredBy(error, contract) } as Errors;
}
