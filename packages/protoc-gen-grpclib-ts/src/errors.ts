import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { DeclaredError } from "./contracts/declared-error.js";
import { code, type Dialect } from "./dialect.js";
import type { Method, MethodErrors, Service } from "./service.js";
import { usedContract, usedFactory, usedType } from "./used-error.js";

/** A method that declares errors. */
type DeclaringMethod = Method & { readonly errors: MethodErrors };

/**
 * Prints the errors that the methods of a service declare: a namespace of types,
 * and a constant of the same name with the factories. What all methods share is
 * printed once, because a service may have a thousand methods.
 *
 * A function creates the constant, so that bundlers drop all of it if it is not
 * used. They would keep the arguments of `methodErrors()`, even if they may drop
 * its call, because reading properties could have side effects.
 *
 * The namespace contains only types, because `erasableSyntaxOnly` refuses any
 * other namespace. The constant has an explicit type, which
 * `isolatedDeclarations` requires.
 */
export function errors(service: Service, dialect: Dialect, f: GeneratedFile): Printable | undefined {
  const { errors: name, common } = service;
  if (name === undefined) {
    return undefined;
  }
  const { types, statements } = dialect;
  const methods = service.methods.filter((method): method is DeclaringMethod => method.errors !== undefined);
  const comment = `/** The errors that the methods of ${service.desc.name} declare. */`;
  return code`${types`${comment}
${f.export(dialect.namespace, name)} {
${separate([...(common ? [commonTypes(common, service, f)] : []), ...methods.map((method) => typesOf(method, service, f))])}\
}

`}${comment}
${f.export(dialect.const, name)}${types`: {
${methods.map((method) => membersOf(method, service, f))}\
}`}${statements` = /*@__PURE__*/ (() => {
${commonValues(service, f)}\
  return {
${methods.map((method) => valuesOf(method, service, { dialect, f }))}\
  };
})()`};
`;
}

function commonTypes({ name, declared }: MethodErrors, service: Service, f: GeneratedFile): Printable {
  return code`\
${union(name, { comment: "The errors that every method declares.", own: declared, common: undefined })}

  export namespace ${service.local(name)} {
${separate(declared.map((error) => usedType(error, service, f)))}\
  }

  /** Creates the errors that every method declares. */
  export interface ${service.local(`${name}Factories`)} {
${declared.map((error) => usedFactory(error, { scope: service, type: name, f }))}\
  }
`;
}

function typesOf({ desc, errors: { name, declared } }: DeclaringMethod, service: Service, f: GeneratedFile): Printable {
  const { common, local } = service;
  const aliases = (common?.declared ?? []).map(({ kind }) => `    export type ${kind} = ${common?.name}.${kind};\n`);
  return code`\
${union(name, { comment: `The errors that ${desc.name} declares.`, own: declared, common: common?.name })}

  export namespace ${local(name)} {
${separate(declared.map((error) => usedType(error, service, f)))}\
${declared.length > 0 && aliases.length > 0 ? "\n" : ""}${aliases}\
  }
`;
}

interface Union {
  readonly comment: string;
  readonly own: readonly DeclaredError[];
  /** The name of the union of the errors that every method declares. */
  readonly common: string | undefined;
}

function union(name: string, { comment, own, common }: Union): Printable {
  const members = [...own.map(({ kind }) => `${name}.${kind}`), ...(common === undefined ? [] : [common])];
  return code`\
  /** ${comment} */
  export type ${name} = ${members.join(" | ")};`;
}

function membersOf(
  { desc, errors: { type, declared } }: DeclaringMethod,
  service: Service,
  f: GeneratedFile,
): Printable {
  const { common } = service;
  return code`\
  /** The errors that ${desc.name} declares. */
  readonly ${key(desc.name)}: ${service.runtime("MethodErrors")}<${type}>${common ? ` & ${common.type}Factories` : ""}${
    declared.length === 0
      ? ""
      : code` & {
${declared.map((error) => usedFactory(error, { scope: service, type, f }))}\
  }`
  };
`;
}

function commonValues(service: Service, f: GeneratedFile): Printable {
  const { common, local } = service;
  return common === undefined
    ? ""
    : code`\
  const ${local(common.name)} = {
${common.declared.map((error) => ["    ", usedContract(error, service, f)])}\
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
  const { runtime, schema, common } = service;
  // If two methods have the same name in protobuf-es, `schema.method` contains only the later one.
  const isInMethodMap = service.desc.method[desc.localName] === desc;
  const member = isInMethodMap ? `method.${desc.localName}` : `methods[${service.desc.methods.indexOf(desc)}]`;
  const own = declared.map((error) => ["      ", usedContract(error, service, f)]);
  const contracts =
    common && own.length === 0 ? common.name : code`{\n${own}${common ? `      ...${common.name},\n` : ""}    }`;
  return code`\
    ${key(desc.name)}: ${runtime("methodErrors")}(${schema}.${member}${isInMethodMap ? "" : dialect.assigned}, ${contracts}),
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
