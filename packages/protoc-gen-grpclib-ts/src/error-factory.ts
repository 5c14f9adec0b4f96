import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { DeclaredError } from "./contracts/declared-error.js";
import { code } from "./dialect.js";
import { errorComment } from "./error-type.js";
import type { Scope } from "./scope.js";

/** The context that all factories of a method, or of shared errors, have in common. */
export interface FactoryContext {
  readonly scope: Scope;
  /** The qualified type of the errors, such as `LibraryServiceErrors.GetBook`. */
  readonly type: string;
  readonly f: GeneratedFile;
}

/** Prints the signature of the function that creates a declared error. */
export function errorFactory(error: DeclaredError, { scope: { runtime, detail }, type, f }: FactoryContext): Printable {
  const { kind, reason, message, metadata, details, optionalDetails } = error;
  const required = metadata.length > 0 || details.length > 0;
  const members: Printable[] = [
    ...(metadata.length === 0 ? [] : [`metadata: { ${metadata.map((key) => `readonly ${key}: string`).join("; ")} }`]),
    ...details.map(({ property, type }) => code`${property}: ${runtime("Init")}<${detail(type)}>`),
    ...optionalDetails.map(({ property, type }) => code`${property}?: ${runtime("Init")}<${detail(type)}> | undefined`),
  ];
  const data = members.length === 0 ? "[key: string]: never" : members.map((member, i) => [i > 0 ? "; " : "", member]);
  return code`${f.jsDoc(errorComment(error), "    ")}
    ${kind}(${message === "" ? "message: string, " : ""}data${required ? "" : "?"}: { ${data} }, options?: ${runtime(reason === "" ? "DeclaredErrorOptions" : "DeclaredErrorInfoOptions")}): \
${type}.${kind};
`;
}
