import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { DeclaredError } from "./contracts/declared-error.js";
import { code } from "./dialect.js";
import { errorContract } from "./error-contract.js";
import { errorFactory, type FactoryContext } from "./error-factory.js";
import { errorComment, errorType } from "./error-type.js";
import type { Scope } from "./scope.js";

// An error of a method is printed in full, unless it is a shared error: then it refers to the declaration.

/** Prints the type of an error in the namespace of a method. */
export function usedType(error: DeclaredError, scope: Scope, f: GeneratedFile): Printable {
  const { kind, sharedBy } = error;
  return sharedBy === undefined
    ? errorType(error, scope, f)
    : code`${f.jsDoc(errorComment(error), "    ")}
    export type ${scope.local(kind)} = ${scope.sharedErrors(sharedBy)}.${kind};
`;
}

/** Prints the type of the function that creates an error of a method. */
export function usedFactory(error: DeclaredError, context: FactoryContext): Printable {
  const { kind, sharedBy } = error;
  const { scope, f } = context;
  return sharedBy === undefined
    ? errorFactory(error, context)
    : code`${f.jsDoc(errorComment(error), "    ")}
    readonly ${kind}: typeof ${scope.sharedErrors(sharedBy)}.${kind};
`;
}

/** Prints what the runtime needs to know about an error of a method. */
export function usedContract(error: DeclaredError, scope: Scope, f: GeneratedFile): Printable {
  const { kind, sharedBy } = error;
  return sharedBy === undefined
    ? errorContract(error, scope, f)
    : code`${kind}: ${scope.sharedErrors(sharedBy)}.${kind},\n`;
}
