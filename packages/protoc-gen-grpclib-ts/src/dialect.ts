import type { Printable, Target } from "@bufbuild/protoplugin";

/** A template tag for code that may print differently, or not at all. */
export type Tag = (strings: TemplateStringsArray, ...values: Printable[]) => Printable[];

/** Prints the template as it is. */
export const code: Tag = (strings, ...values) => strings.flatMap((text, i) => [text, values[i] ?? []]);

const nothing: Tag = () => [];
const block: Tag = (strings, ...values) => [" {\n    ", code(strings, ...values), "\n  }"];
const semicolon: Tag = () => [";"];

/** In what the output of a target differs from that of the others. */
export interface Dialect {
  /** The end of the file's name. */
  readonly extension: string;
  readonly abstractClass: string;
  readonly class: string;
  readonly namespace: string;
  readonly const: string;
  /** The mark of a field that the constructor sets in a way that the type checker does not see. */
  readonly assigned: string;
  /** Code that only the type checker reads. */
  readonly types: Tag;
  /** Code that only runs. */
  readonly statements: Tag;
  /** The body of a method. */
  readonly body: Tag;
}

/**
 * TypeScript, JavaScript and declarations, all printed from the same templates:
 * protoplugin could transpile the first to the others, but takes far longer.
 */
export const dialects: Record<Target, Dialect> = {
  ts: {
    extension: ".ts",
    abstractClass: "abstract class",
    class: "class",
    namespace: "namespace",
    const: "const",
    assigned: "!",
    types: code,
    statements: code,
    body: block,
  },
  js: {
    extension: ".js",
    abstractClass: "class",
    class: "class",
    namespace: "namespace",
    const: "const",
    assigned: "",
    types: nothing,
    statements: code,
    body: block,
  },
  dts: {
    extension: ".d.ts",
    abstractClass: "declare abstract class",
    class: "declare class",
    namespace: "declare namespace",
    const: "declare const",
    assigned: "",
    types: code,
    statements: nothing,
    body: semicolon,
  },
};
