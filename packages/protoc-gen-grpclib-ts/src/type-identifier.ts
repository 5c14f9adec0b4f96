import { safeIdentifier } from "@bufbuild/protoplugin";

/** What TypeScript does not take as the name of a type or of a namespace, beyond what protoplugin escapes. */
const reserved: ReadonlySet<string> = new Set([
  ...["any", "never", "symbol", "undefined", "unknown"],
  ...["as", "asserts", "infer", "global", "keyof", "readonly", "unique"],
  ...["arguments", "await", "eval"],
]);

/** The name of a type and a namespace that is as near to a proto name as TypeScript allows: `delete$` for `delete`. */
export function typeIdentifier(name: string): string {
  return reserved.has(name) ? `${name}$` : safeIdentifier(name);
}
