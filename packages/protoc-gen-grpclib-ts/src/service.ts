import type { DescService } from "@bufbuild/protobuf";
import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { ImportGenerated } from "./imports.js";
import { localNames } from "./local-names.js";
import { type MethodShape, methodShapes, type RuntimeName, runtimeModule, runtimeNames } from "./names.js";

/** A service in the terms of one generated file: what its sections print, looked up once. */
export interface Service {
  readonly desc: DescService;
  readonly comment: Printable;
  /** The descriptor that protoc-gen-es exports. */
  readonly schema: Printable;
  readonly methods: readonly Method[];
  /** Imports a name from the runtime. */
  runtime(name: RuntimeName): Printable;
  /** A name in a scope inside the file, which imports must leave alone. */
  local(name: string): Printable;
}

/** A method in the terms of one generated file. */
export interface Method {
  readonly name: string;
  readonly comment: Printable;
  readonly input: Printable;
  readonly output: Printable;
  readonly shape: MethodShape;
}

/** How the services of a generated file are described. */
export interface DescribeOptions {
  readonly f: GeneratedFile;
  /** The path that imports the file `f`, from the root of the output. */
  readonly path: string;
  readonly importGenerated: ImportGenerated;
}

/** Describes a service for its sections. */
export function describeService(desc: DescService, { f, path, importGenerated }: DescribeOptions): Service {
  return {
    desc,
    comment: f.jsDoc(desc),
    schema: importGenerated(f, desc),
    methods: [...localNames(desc)].map(([method, name]) => ({
      name,
      comment: f.jsDoc(method, "  "),
      input: importGenerated(f, method.input),
      output: importGenerated(f, method.output),
      shape: methodShapes[method.methodKind],
    })),
    runtime: (name) => f.import(name, runtimeModule, runtimeNames[name] === "type"),
    local: (name) => f.import(name, path),
  };
}
