import { createRegistry, type DescFile } from "@bufbuild/protobuf";
import { remember } from "../remember.js";
import type { DetailType } from "./declared-error.js";

/** Finds the message type that a name in an option refers to. */
export type Resolve = (name: string) => DetailType | undefined;

/** The messages of google/rpc/error_details.proto, which are part of the runtime. */
const builtIn: ReadonlySet<string> = new Set(
  [
    ...["BadRequest", "DebugInfo", "ErrorInfo", "Help", "LocalizedMessage", "PreconditionFailure"],
    ...["QuotaFailure", "RequestInfo", "ResourceInfo", "RetryInfo"],
  ].map((name) => `google.rpc.${name}`),
);

/**
 * Returns a function that resolves names in a file as protobuf does: from the
 * innermost scope outwards, in the file and its imports.
 *
 * The output must not depend on unrelated files in the request. So the built-in
 * google.rpc types take precedence over those in the request, and a message in a
 * file that is not imported is found only by its full name.
 */
export function createResolve(file: DescFile, allFiles: readonly DescFile[]): Resolve {
  const scopes = scopesIn(file.proto.package);
  return (name) => {
    const fullName = name.replace(/^\./, "");
    const inScope = name.startsWith(".") || builtIn.has(fullName) ? [] : scopes.map((scope) => scope + fullName);
    for (const typeName of [...inScope, fullName]) {
      if (builtIn.has(typeName)) {
        return { typeName };
      }
      const desc = typesIn(allFiles).getMessage(typeName);
      if (desc !== undefined && (typeName === fullName || canSee(file, desc.file))) {
        return { typeName, desc };
      }
    }
    return undefined;
  };
}

/** The types of a request, by their full names. */
const typesIn = remember((files: readonly DescFile[]) => createRegistry(...files));

/** The prefixes to try for a name in a package, innermost first: `library.v1.`, then `library.`. */
function scopesIn(packageName: string): string[] {
  const parts = packageName === "" ? [] : packageName.split(".");
  return parts.map((_, i) => `${parts.slice(0, i + 1).join(".")}.`).reverse();
}

/** Whether `file` is `other`, or imports it, directly or through other files. */
function canSee(file: DescFile, other: DescFile): boolean {
  const seen = new Set([file]);
  for (const { dependencies } of seen) {
    if (seen.has(other)) {
      break;
    }
    for (const dependency of dependencies) {
      seen.add(dependency);
    }
  }
  return seen.has(other);
}
