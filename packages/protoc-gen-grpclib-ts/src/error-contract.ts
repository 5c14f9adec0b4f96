import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { DeclaredDetail, DeclaredError } from "./contracts/declared-error.js";
import { code } from "./dialect.js";
import type { Scope } from "./scope.js";

/** Prints what the runtime needs to know about a declared error. */
export function errorContract(error: DeclaredError, scope: Scope, f: GeneratedFile): Printable {
  const { kind, status, reason, domain, metadata, details, optionalDetails, retryable, message, localize } = error;
  const members = [
    code`status: ${scope.runtime("Status")}.${status}`,
    reason === "" ? [] : code`, reason: ${f.string(reason)}, domain: ${f.string(domain)}`,
    metadata.length === 0 ? [] : code`, metadata: ${f.array(metadata.map((key) => f.string(key)))}`,
    schemas("details", details, scope),
    schemas("optional", optionalDetails, scope),
    retryable ? ", retryable: true" : [],
    message === "" ? [] : code`, message: ${f.string(message)}`,
    localize ? ", localize: true" : [],
  ];
  return code`${kind}: { ${members} },\n`;
}

function schemas(member: string, details: readonly DeclaredDetail[], { detailSchema }: Scope): Printable {
  const entries = details.map(({ property, type }, i) => [i > 0 ? ", " : "", property, ": ", detailSchema(type)]);
  return details.length === 0 ? [] : code`, ${member}: { ${entries} }`;
}
