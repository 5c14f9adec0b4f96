import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import { code, type Dialect } from "./dialect.js";
import { serviceProperties } from "./names.js";
import type { Method, Service } from "./service.js";

/**
 * Prints the class that a server's implementation extends.
 *
 * Getters return what the runtime needs to know about the service, because bundlers
 * do not drop a class with a static block, which may have side effects.
 */
export function base(service: Service, dialect: Dialect, f: GeneratedFile): Printable {
  const { desc, comment, schema, errors, runtime } = service;
  const { types, body } = dialect;
  const name = `${desc.name}Base`;
  return code`${comment}
${f.export(dialect.abstractClass, name)}${types` implements ${runtime("ServiceV1")}`} {
  get ${serviceProperties.descriptor}()${types`: typeof ${schema}`}${body`return ${schema};`}

${
  errors === undefined
    ? ""
    : code`  get ${serviceProperties.errors}()${types`: typeof ${errors}`}${body`return ${errors};`}

`
}\
${types`${service.methods.map((method) => abstractMethod(method, service))}`}\
  /** Implements ${desc.name} with plain functions, whose types are inferred. */
  static of(handlers${types`: ${runtime("Handlers")}<${name}>`})${types`: ${name}`}\
${body`return ${runtime("implement")}(${name}, handlers);`}

  /** Implements some methods of ${desc.name}, with functions or an instance of a class. The others answer UNIMPLEMENTED. */
  static partial(handlers${types`: ${runtime("PartialHandlers")}<${name}>`})${types`: ${name}`}\
${body`return ${runtime("implementPartial")}(${name}, handlers);`}
}
`;
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
