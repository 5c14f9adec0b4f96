import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { DeclaredError } from "./contracts/declared-error.js";
import { code } from "./dialect.js";
import { errorComment } from "./error-type.js";
import type { Service } from "./service.js";

/** What the factories of a method have in common. */
export interface FactoryContext {
  readonly service: Service;
  /** The path to the type of the method's errors. */
  readonly type: string;
  readonly f: GeneratedFile;
}

/** The signature of the function that makes a declared error. */
export function errorFactory(
  error: DeclaredError,
  { service: { runtime, detail }, type, f }: FactoryContext,
): Printable {
  const { kind, reason, metadata, details, optionalDetails } = error;
  const required = metadata.length > 0 || details.length > 0;
  const members: Printable[] = [
    ...(reason === "" ? [] : [metadataMember(metadata)]),
    ...details.map(({ property, type }) => code`${property}: ${runtime("Init")}<${detail(type)}>`),
    ...optionalDetails.map(({ property, type }) => code`${property}?: ${runtime("Init")}<${detail(type)}> | undefined`),
  ];
  const data = members.length === 0 ? "[key: string]: never" : members.map((member, i) => [i > 0 ? "; " : "", member]);
  return code`${f.jsDoc(errorComment(error), "    ")}
    ${kind}(message: string, data${required ? "" : "?"}: { ${data} }, options?: ${runtime("DeclaredErrorOptions")}): \
${type}.${kind};
`;
}

/** The metadata of an ErrorInfo: what is declared has to be there, and more may be. */
function metadataMember(keys: readonly string[]): string {
  const declared = keys
    .map((key) => `readonly ${/^[A-Za-z]\w*$/.test(key) ? key : JSON.stringify(key)}: string; `)
    .join("");
  return `metadata${keys.length > 0 ? "" : "?"}: { ${declared}readonly [key: string]: string }`;
}
