import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { DetailType } from "./declared-error.js";

/** Finds the message type that a name in an option means. */
export type Resolve = (name: string) => DetailType | undefined;

/** The messages of google/rpc/error_details.proto, which come with the runtime. */
const builtIn: ReadonlySet<string> = new Set(
  [
    ...["BadRequest", "DebugInfo", "ErrorInfo", "Help", "LocalizedMessage", "PreconditionFailure"],
    ...["QuotaFailure", "RequestInfo", "ResourceInfo", "RetryInfo"],
  ].map((name) => `google.rpc.${name}`),
);

/**
 * Returns what resolves names in a file as protobuf does: from the innermost
 * scope outwards, in the file and its imports.
 *
 * The output must not depend on which other files happen to be in the request.
 * So the built-in types come before those of google.rpc in the request, and a
 * message in a file that is not imported is found by its full name only.
 */
export function createResolve(file: DescFile, allFiles: readonly DescFile[]): Resolve {
  const visible = messagesIn(withImports(file));
  const all = messagesIn(allFiles);
  const scopes = scopesIn(file.proto.package);
  return (name) => {
    const fullName = name.replace(/^\./, "");
    const inScope = name.startsWith(".") ? [] : scopes.map((scope) => scope + fullName);
    for (const typeName of builtIn.has(fullName) ? [fullName] : [...inScope, fullName]) {
      const desc = visible.get(typeName);
      if (builtIn.has(typeName)) {
        return { typeName };
      }
      if (desc !== undefined) {
        return { typeName, desc };
      }
    }
    const desc = all.get(fullName);
    return desc && { typeName: fullName, desc };
  };
}

/** What to put before a name in a package, from the inside out: `library.v1.` and `library.`. */
function scopesIn(packageName: string): string[] {
  const parts = packageName === "" ? [] : packageName.split(".");
  return parts.map((_, i) => `${parts.slice(0, i + 1).join(".")}.`).reverse();
}

function withImports(file: DescFile, found: Set<DescFile> = new Set()): Set<DescFile> {
  if (!found.has(file)) {
    found.add(file);
    for (const dependency of file.dependencies) {
      withImports(dependency, found);
    }
  }
  return found;
}

function messagesIn(files: Iterable<DescFile>): ReadonlyMap<string, DescMessage> {
  const messages = new Map<string, DescMessage>();
  for (const file of files) {
    for (const type of nestedTypes(file)) {
      if (type.kind === "message") {
        messages.set(type.typeName, type);
      }
    }
  }
  return messages;
}
