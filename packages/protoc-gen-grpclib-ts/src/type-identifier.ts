import { safeIdentifier } from "@bufbuild/protoplugin";

/** Names that TypeScript does not accept for a type or a namespace, but that protoplugin does not escape. */
const reserved: ReadonlySet<string> = new Set([
  ...["any", "never", "symbol", "undefined", "unknown"],
  ...["as", "asserts", "infer", "global", "keyof", "readonly", "unique"],
  ...["arguments", "await", "eval"],
]);

/** The name of the type and namespace for a proto name, escaped if TypeScript reserves it: `delete$` for `delete`. */
export function typeIdentifier(name: string): string {
  return reserved.has(name) ? `${name}$` : safeIdentifier(name);
}
