import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import { code, type Dialect } from "./dialect.js";
import type { Method, Service } from "./service.js";

/**
 * The class that a server's implementation extends.
 *
 * Its descriptor is declared in an interface of the same name, because a class
 * with a computed member does not pass `isolatedDeclarations` (TS9038). Editors
 * take the two for deprecated only when both are.
 */
export function base(service: Service, dialect: Dialect, f: GeneratedFile): Printable {
  const { desc, comment, schema, runtime } = service;
  const { types, statements, body } = dialect;
  const name = `${desc.name}Base`;
  return code`${comment}
${f.export(dialect.abstractClass, name)} {
${statements`  static {
    this.prototype[${runtime("serviceDescriptor")}] = ${schema};
  }

`}${types`${service.methods.map((method) => abstractMethod(method, service))}`}\
  /** Makes a ${desc.name} of plain functions, whose types are inferred. */
  static of(handlers${types`: ${runtime("Handlers")}<${name}>`})${types`: ${name}`}\
${body`return ${runtime("implement")}(${name}, handlers);`}
}
${types`
${desc.deprecated || desc.file.deprecated ? [f.jsDoc("@deprecated"), "\n"] : []}\
${f.export("interface", name)} extends ${runtime("ServiceV1")} {
  [${runtime("serviceDescriptor")}]: typeof ${schema};
}
`}`;
}

function abstractMethod({ name, comment, input, output, shape }: Method, { runtime }: Service): Printable {
  const request = {
    message: code`request: ${input}`,
    stream: code`requests: ${runtime("RequestStream")}<${input}>`,
  }[shape.request];
  return code`${comment}
  abstract ${name}(${request}, context: ${runtime("ServerContext")}): ${runtime(shape.response)}<${output}>;

`;
}
