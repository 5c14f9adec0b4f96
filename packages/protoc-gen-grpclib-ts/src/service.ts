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

/** What the sections print about a service, computed once for its generated file. */
export interface Service {
  readonly desc: DescService;
  readonly comment: Printable;
  /** The descriptor that protoc-gen-es exports. */
  readonly schema: Printable;
  readonly methods: readonly Method[];
  /** The name of the export with the declared errors; `undefined` if the service declares none. */
  readonly errors: string | undefined;
  /** The errors that every method declares; `undefined` if there are none. */
  readonly shared: MethodErrors | undefined;
  /** Imports a name from the runtime. */
  runtime(name: RuntimeName): Printable;
  /** Imports the type of a detail. */
  detail(type: DetailType): Printable;
  /** Imports the descriptor of a detail. */
  detailSchema(type: DetailType): Printable;
  /** Reserves a name that the file declares in an inner scope, so that no import takes it. */
  local(name: string): Printable;
}

/** What the sections print about a method. */
export interface Method {
  readonly desc: DescMethod;
  readonly name: string;
  readonly comment: Printable;
  readonly input: Printable;
  readonly output: Printable;
  readonly shape: MethodShape;
  /** The errors that it declares; `undefined` if there are none. */
  readonly errors: MethodErrors | undefined;
}

/** What the sections print about the errors of a method, without those that every method declares. */
export interface MethodErrors {
  /** The name of their union type in the service's namespace, such as `GetBook`. */
  readonly name: string;
  /** The qualified name of that type, such as `LibraryServiceErrors.GetBook`. */
  readonly type: string;
  readonly declared: readonly DeclaredError[];
}

/** The name of the union type of the errors that every method declares. No rpc can have it, because of the `$`. */
const sharedName = "all$";

/** The options of {@link describeService}. */
export interface DescribeOptions {
  readonly f: GeneratedFile;
  /** The import path of the file `f`, relative to the root of the output. */
  readonly path: string;
  readonly importGenerated: ImportGenerated;
  /** All files of the request. */
  readonly allFiles: readonly DescFile[];
}

/**
 * Collects what the sections print about a service.
 *
 * @throws {@link InputError} if its error options are invalid
 */
export function describeService(desc: DescService, options: DescribeOptions): Service {
  const { f, path, importGenerated, allFiles } = options;
  const { methods: contracts, shared } = readContracts(desc, allFiles);
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
      errors: methodErrors(method, errors, contracts.get(method), shared),
    })),
    errors: contracts.size > 0 ? errors : undefined,
    shared: shared.length > 0 ? { name: sharedName, type: `${errors}.${sharedName}`, declared: shared } : undefined,
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
  shared: readonly DeclaredError[],
): MethodErrors | undefined {
  const name = typeIdentifier(method.name);
  const own = declared?.filter((error) => !shared.includes(error));
  return own && { name, type: `${namespace}.${name}`, declared: own };
}

/** `Help` for `google.rpc.Help`. */
function simpleName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}
