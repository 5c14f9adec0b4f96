import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import { code, type Dialect } from "./dialect.js";
import { errorContract } from "./error-contract.js";
import { errorFactory } from "./error-factory.js";
import { errorType } from "./error-type.js";
import type { Method, MethodErrors, Service } from "./service.js";

/** A method that declares errors. */
type DeclaringMethod = Method & { readonly errors: MethodErrors };

/**
 * Prints the errors that the methods of a service declare: a namespace of types,
 * and a constant of the same name with the factories.
 *
 * The namespace contains only types, because `erasableSyntaxOnly` refuses any
 * other namespace. The constant has an explicit type, which
 * `isolatedDeclarations` requires.
 */
export function errors(service: Service, dialect: Dialect, f: GeneratedFile): Printable | undefined {
  const name = service.errors;
  if (name === undefined) {
    return undefined;
  }
  const { types, statements } = dialect;
  const methods = service.methods.filter((method): method is DeclaringMethod => method.errors !== undefined);
  const comment = `/** The errors that the methods of ${service.desc.name} declare. */`;
  return code`${types`${comment}
${f.export(dialect.namespace, name)} {
${separate(methods.map((method) => typesOf(method, service, f)))}\
}

`}${comment}
${f.export(dialect.const, name)}${types`: {
${methods.map((method) => membersOf(method, service, f))}\
}`}${statements` = {
${methods.map((method) => valuesOf(method, service, { dialect, f }))}\
}`};
`;
}

function typesOf({ desc, errors }: DeclaringMethod, service: Service, f: GeneratedFile): Printable {
  const { name, declared } = errors;
  const { local } = service;
  return code`\
  /** The errors that ${desc.name} declares. */
  export type ${local(name)} = ${declared.map(({ kind }) => `${name}.${kind}`).join(" | ")};

  export namespace ${local(name)} {
${separate(declared.map((error) => errorType(error, service, f)))}\
  }
`;
}

function membersOf(
  { desc, errors: { type, declared } }: DeclaringMethod,
  service: Service,
  f: GeneratedFile,
): Printable {
  return code`\
  /** The errors that ${desc.name} declares. */
  readonly ${key(desc.name)}: ${service.runtime("MethodErrors")}<${type}> & {
${declared.map((error) => errorFactory(error, { service, type, f }))}\
  };
`;
}

interface Output {
  readonly dialect: Dialect;
  readonly f: GeneratedFile;
}

function valuesOf(
  { desc, errors: { declared } }: DeclaringMethod,
  service: Service,
  { dialect, f }: Output,
): Printable {
  const { runtime, schema } = service;
  // If two methods have the same name in protobuf-es, `schema.method` contains only the later one.
  const isInMethodMap = service.desc.method[desc.localName] === desc;
  const member = isInMethodMap ? `method.${desc.localName}` : `methods[${service.desc.methods.indexOf(desc)}]`;
  return code`\
  ${key(desc.name)}: /*@__PURE__*/ ${runtime("methodErrors")}(${schema}.${member}${isInMethodMap ? "" : dialect.assigned}, {
${declared.map((error) => errorContract(error, service, f))}\
  }),
`;
}

/** Puts blank lines between blocks. */
function separate(blocks: readonly Printable[]): Printable[] {
  return blocks.map((block, i) => [i > 0 ? "\n" : "", block]);
}

/** Prints a property's name. In an object literal, `__proto__:` would set the prototype; a computed key does not. */
function key(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : name;
}
