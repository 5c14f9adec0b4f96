import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import { code, type Dialect } from "./dialect.js";
import type { Service } from "./service.js";

/** Prints the class that clients call. `bindStub()` of the runtime adds its methods. */
export function stub(service: Service, dialect: Dialect, f: GeneratedFile): Printable {
  const { desc, comment, schema, methods, runtime, local } = service;
  const { types, body } = dialect;
  const channel = local("channel");
  const contract = service.errors === undefined ? "" : `, ${service.errors}`;
  const members = methods.map(
    ({ name, comment, input, output, shape, errors }) => code`${comment}
  readonly ${name}${dialect.assigned}: ${runtime(shape.stub)}<${input}, ${output}${errors === undefined ? "" : `, ${errors.type}`}>;

`,
  );
  return code`${comment}
${f.export(dialect.class, `${desc.name}Stub`)} {
${types`${members}`}\
  constructor(${channel}${types`: ${runtime("Transport")}`})${body`${runtime("bindStub")}(this, ${channel}, ${schema}${contract});`}
}
`;
}
