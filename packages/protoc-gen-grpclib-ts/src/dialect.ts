import type { Printable, Target } from "@bufbuild/protoplugin";

/** A template tag whose output depends on the target, and may be empty. */
export type Tag = (strings: TemplateStringsArray, ...values: Printable[]) => Printable[];

/** Prints the template unchanged. */
export const code: Tag = (strings, ...values) => strings.flatMap((text, i) => [text, values[i] ?? []]);

const nothing: Tag = () => [];
const block: Tag = (strings, ...values) => [" {\n    ", code(strings, ...values), "\n  }"];
const semicolon: Tag = () => [";"];

/** The differences between the output of the targets. */
export interface Dialect {
  /** The extension of the generated file. */
  readonly extension: string;
  readonly abstractClass: string;
  readonly class: string;
  readonly namespace: string;
  readonly type: string;
  readonly const: string;
  /** The `!` that tells the type checker that a field or an expression is defined. */
  readonly assigned: string;
  /** Prints types. JavaScript omits them. */
  readonly types: Tag;
  /** Prints statements. Declarations omit them. */
  readonly statements: Tag;
  /** Prints the body of a method, or `;` in declarations. */
  readonly body: Tag;
}

/**
 * The same templates print TypeScript, JavaScript and declarations. protoplugin
 * could transpile the TypeScript to the other two, but that takes far longer.
 */
export const dialects: Record<Target, Dialect> = {
  ts: {
    extension: ".ts",
    abstractClass: "abstract class",
    class: "class",
    namespace: "namespace",
    type: "type",
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
    type: "type",
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
    type: "type",
    const: "declare const",
    assigned: "",
    types: code,
    statements: nothing,
    body: semicolon,
  },
};
