import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import { type DeclaredError, retryableMeaning } from "./contracts/declared-error.js";
import { code } from "./dialect.js";
import type { Scope } from "./scope.js";

/** Prints the type of a declared error: a GRPCError with a specific kind, status and data. */
export function errorType(error: DeclaredError, { runtime, detail, local }: Scope, f: GeneratedFile): Printable {
  const { kind, status, reason, domain, metadata, details, optionalDetails, retryable } = error;
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
${retryable ? "      readonly retryable: true;\n" : []}\
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

/**
 * The doc comment of a declared error: its comment in the .proto file, then its
 * status, reason and domain, its message, and whether it is retryable.
 */
export function errorComment({ comment, status, reason, domain, message, retryable }: DeclaredError): string {
  const paragraphs = [
    comment,
    reason === "" ? `Status ${status}.` : `Status ${status}, reason ${reason}, domain ${domain}.`,
    message === "" ? "" : `Message: ${message}`,
    retryable ? `Retryable: ${retryableMeaning}.` : "",
  ];
  return paragraphs.filter(Boolean).join("\n\n");
}
