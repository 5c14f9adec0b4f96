import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { DeclaredError, DetailType } from "./contracts/declared-error.js";
import { readContracts } from "./contracts/read.js";
import type { ImportGenerated } from "./imports.js";
import { localNames } from "./local-names.js";
import {
  detailsModule,
  type MethodShape,
  methodShapes,
  type RuntimeName,
  runtimeModule,
  runtimeNames,
} from "./names.js";
import { typeIdentifier } from "./type-identifier.js";

/** A service in the terms of one generated file: what its sections print, looked up once. */
export interface Service {
  readonly desc: DescService;
  readonly comment: Printable;
  /** The descriptor that protoc-gen-es exports. */
  readonly schema: Printable;
  readonly methods: readonly Method[];
  /** The name of the export with the declared errors, where there are any. */
  readonly errors: string | undefined;
  /** Imports a name from the runtime. */
  runtime(name: RuntimeName): Printable;
  /** Imports the type of a detail. */
  detail(type: DetailType): Printable;
  /** Imports the descriptor of a detail. */
  detailSchema(type: DetailType): Printable;
  /** A name in a scope inside the file, which imports must leave alone. */
  local(name: string): Printable;
}

/** A method in the terms of one generated file. */
export interface Method {
  readonly desc: DescMethod;
  readonly name: string;
  readonly comment: Printable;
  readonly input: Printable;
  readonly output: Printable;
  readonly shape: MethodShape;
  /** The errors that it declares, where there are any. */
  readonly errors: MethodErrors | undefined;
}

/** The errors of a method in the terms of one generated file. */
export interface MethodErrors {
  /** The name of their type inside of the service's namespace. */
  readonly name: string;
  /** The path to their type: `LibraryServiceErrors.GetBook`. */
  readonly type: string;
  readonly declared: readonly DeclaredError[];
}

/** How the services of a generated file are described. */
export interface DescribeOptions {
  readonly f: GeneratedFile;
  /** The path that imports the file `f`, from the root of the output. */
  readonly path: string;
  readonly importGenerated: ImportGenerated;
  /** All files of the request. */
  readonly allFiles: readonly DescFile[];
}

/**
 * Describes a service for its sections.
 *
 * @throws {@link InputError} if what it declares about errors is wrong
 */
export function describeService(desc: DescService, options: DescribeOptions): Service {
  const { f, path, importGenerated, allFiles } = options;
  const { methods: contracts } = readContracts(desc, allFiles);
  const errors = `${desc.name}Errors`;
  return {
    desc,
    comment: f.jsDoc(desc),
    schema: importGenerated(f, desc),
    methods: [...localNames(desc)].map(([method, name]) => ({
      desc: method,
      name,
      comment: f.jsDoc(method, "  "),
      input: importGenerated(f, method.input),
      output: importGenerated(f, method.output),
      shape: methodShapes[method.methodKind],
      errors: methodErrors(method, errors, contracts.get(method)),
    })),
    errors: contracts.size > 0 ? errors : undefined,
    runtime: (name) => f.import(name, runtimeModule, runtimeNames[name] === "type"),
    detail: ({ typeName, desc }) =>
      desc === undefined ? f.import(simpleName(typeName), detailsModule, true) : importGenerated(f, desc),
    detailSchema: ({ typeName, desc }) =>
      desc === undefined ? f.import(`${simpleName(typeName)}Schema`, detailsModule) : importGenerated.schema(f, desc),
    local: (name) => f.import(name, path),
  };
}

function methodErrors(
  method: DescMethod,
  namespace: string,
  declared: readonly DeclaredError[] | undefined,
): MethodErrors | undefined {
  const name = typeIdentifier(method.name);
  return declared && { name, type: `${namespace}.${name}`, declared };
}

/** `Help` for `google.rpc.Help`. */
function simpleName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}
