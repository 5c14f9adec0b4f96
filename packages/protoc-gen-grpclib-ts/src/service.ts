import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import type { Printable } from "@bufbuild/protoplugin";
import type { DeclaredError } from "./contracts/declared-error.js";
import { readContracts } from "./contracts/read-service.js";
import { localNames } from "./local-names.js";
import { type MethodShape, methodShapes } from "./names.js";
import { createScope, type Scope, type ScopeOptions } from "./scope.js";
import { typeIdentifier } from "./type-identifier.js";

/** What the sections print about a service, computed once for its generated file. */
export interface Service extends Scope {
  readonly desc: DescService;
  readonly comment: Printable;
  /** The descriptor that protoc-gen-es exports. */
  readonly schema: Printable;
  readonly methods: readonly Method[];
  /** The name of the export with the declared errors; `undefined` if the service declares none. */
  readonly errors: string | undefined;
  /** The errors that every method declares; `undefined` if there are none. */
  readonly common: MethodErrors | undefined;
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
const commonName = "all$";

/** The options of {@link describeService}. */
export interface DescribeOptions extends Omit<ScopeOptions, "file"> {
  /** All files of the request. */
  readonly allFiles: readonly DescFile[];
}

/**
 * Collects what the sections print about a service.
 *
 * @throws {@link InputError} if its error options are invalid
 */
export function describeService(desc: DescService, options: DescribeOptions): Service {
  const { f, importGenerated, allFiles } = options;
  const { methods: contracts, common } = readContracts(desc, allFiles);
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
      errors: methodErrors(method, errors, contracts.get(method), common),
    })),
    errors: contracts.size > 0 ? errors : undefined,
    common: common.length > 0 ? { name: commonName, type: `${errors}.${commonName}`, declared: common } : undefined,
    ...createScope({ ...options, file: desc.file }),
  };
}

function methodErrors(
  method: DescMethod,
  namespace: string,
  declared: readonly DeclaredError[] | undefined,
  common: readonly DeclaredError[],
): MethodErrors | undefined {
  const name = typeIdentifier(method.name);
  const own = declared?.filter((error) => !common.includes(error));
  return own && { name, type: `${namespace}.${name}`, declared: own };
}
