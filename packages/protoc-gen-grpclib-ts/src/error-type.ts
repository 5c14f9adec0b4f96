import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { DeclaredError } from "./contracts/declared-error.js";
import { code } from "./dialect.js";
import type { Service } from "./service.js";

/** The type of a declared error: a GRPCError whose kind, status and data are known. */
export function errorType(error: DeclaredError, { runtime, detail, local }: Service, f: GeneratedFile): Printable {
  const { kind, status, reason, domain, metadata, details, optionalDetails } = error;
  const keys = metadata.length > 0 ? [", ", metadata.map((key) => JSON.stringify(key)).join(" | ")] : "";
  const errorInfo = code`\
        readonly errorInfo: ${runtime("TypedErrorInfo")}<${f.string(reason)}, ${f.string(domain)}${keys}>;
`;
  const data = [
    ...(reason === "" ? [] : [errorInfo]),
    ...details.map(({ property, type }) => code`        readonly ${property}: ${detail(type)};\n`),
    ...optionalDetails.map(({ property, type }) => code`        readonly ${property}?: ${detail(type)} | undefined;\n`),
  ];
  return code`${f.jsDoc(errorComment(error), "    ")}
    export interface ${local(kind)} extends ${runtime("GRPCError")} {
      readonly kind: ${f.string(kind)};
      readonly status: ${runtime("Status")}.${status};
      readonly data: ${
        data.length === 0
          ? "object"
          : code`{
${data}\
      }`
      };
    }
`;
}

/** What editors show for a declared error: its comment, and what goes over the wire. */
export function errorComment({ comment, status, reason, domain }: DeclaredError): string {
  const wire = reason === "" ? `${status}.` : `${status}, with the reason ${reason} of ${domain}.`;
  return comment === "" ? wire : `${comment}\n\n${wire}`;
}
