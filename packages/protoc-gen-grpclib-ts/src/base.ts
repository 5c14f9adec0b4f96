import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import { code, type Dialect } from "./dialect.js";
import type { Method, Service } from "./service.js";

/**
 * Prints the class that a server's implementation extends.
 *
 * An interface of the same name declares its descriptor, because
 * `isolatedDeclarations` refuses a class with a computed member (TS9038).
 * Editors show the class as deprecated only if both declarations are.
 */
export function base(service: Service, dialect: Dialect, f: GeneratedFile): Printable {
  const { desc, comment, schema, errors, runtime } = service;
  const { types, statements, body } = dialect;
  const name = `${desc.name}Base`;
  return code`${comment}
${f.export(dialect.abstractClass, name)} {
${statements`  static {
    this.prototype[${runtime("serviceDescriptor")}] = ${schema};
${errors === undefined ? "" : code`    this.prototype[${runtime("serviceErrors")}] = ${errors};\n`}\
  }

`}${types`${service.methods.map((method) => abstractMethod(method, service))}`}\
  /** Implements ${desc.name} with plain functions, whose types are inferred. */
  static of(handlers${types`: ${runtime("Handlers")}<${name}>`})${types`: ${name}`}\
${body`return ${runtime("implement")}(${name}, handlers);`}
}
${types`
${desc.deprecated || desc.file.deprecated ? [f.jsDoc("@deprecated"), "\n"] : []}\
${f.export("interface", name)} extends ${runtime("ServiceV1")} {
  [${runtime("serviceDescriptor")}]: typeof ${schema};
${errors === undefined ? "" : code`  [${runtime("serviceErrors")}]: typeof ${errors};\n`}\
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
