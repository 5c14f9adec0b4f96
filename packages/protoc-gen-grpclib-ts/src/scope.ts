import type { DescFile } from "@bufbuild/protobuf";
import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { DetailType, SharedBy } from "./contracts/declared-error.js";
import type { ImportGenerated } from "./imports.js";
import { detailsModule, type RuntimeName, runtimeModule, runtimeNames } from "./names.js";

/** What a generated file can refer to: its imports, and what it declares itself. */
export interface Scope {
  /** Imports a name from the runtime. */
  runtime(name: RuntimeName): Printable;
  /** Imports the type of a detail. */
  detail(type: DetailType): Printable;
  /** Imports the descriptor of a detail. */
  detailSchema(type: DetailType): Printable;
  /** Reserves a name that the file declares in an inner scope, so that no import takes it. */
  local(name: string): Printable;
  /** Imports shared errors, unless they are those of the file itself. */
  sharedErrors(by: SharedBy): Printable;
}

/** The options of {@link createScope}. */
export interface ScopeOptions {
  readonly f: GeneratedFile;
  /** The .proto file that `f` is generated for. */
  readonly file: DescFile;
  /** The import path of the file `f`, relative to the root of the output. */
  readonly path: string;
  readonly importGenerated: ImportGenerated;
}

/** Returns what a generated file can refer to. */
export function createScope({ f, file, path, importGenerated }: ScopeOptions): Scope {
  const local = (name: string): Printable => f.import(name, path);
  return {
    runtime: (name) => f.import(name, runtimeModule, runtimeNames[name] === "type"),
    detail: ({ typeName, desc }) =>
      desc === undefined ? f.import(simpleName(typeName), detailsModule, true) : importGenerated(f, desc),
    detailSchema: ({ typeName, desc }) =>
      desc === undefined ? f.import(`${simpleName(typeName)}Schema`, detailsModule) : importGenerated.schema(f, desc),
    local,
    sharedErrors: (by) => (by.file === file ? local(by.name) : importGenerated.sharedErrors(f, by)),
  };
}

/** `Help` for `google.rpc.Help`. */
function simpleName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}
