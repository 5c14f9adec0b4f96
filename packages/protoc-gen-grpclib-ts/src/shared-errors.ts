import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { SharedErrors } from "./contracts/read-shared.js";
import { code, type Dialect } from "./dialect.js";
import { errorContract } from "./error-contract.js";
import { errorFactory } from "./error-factory.js";
import { errorType } from "./error-type.js";
import type { Scope } from "./scope.js";

/**
 * Prints the errors that a file declares for the methods of several services, in
 * the form of the errors of a method: a union type, a namespace of types, and a
 * constant with the factories. The services of any file refer to them.
 */
export function sharedErrors(
  { by, declared }: SharedErrors,
  scope: Scope,
  dialect: Dialect,
  f: GeneratedFile,
): Printable {
  const { types, statements } = dialect;
  const { name, file } = by;
  const comment = `/** The errors that ${file.proto.name} declares for several services. */`;
  const context = { scope, type: name, f };
  return code`${types`${comment}
${f.export(dialect.type, name)} = ${declared.map(({ kind }) => `${name}.${kind}`).join(" | ")};

${f.export(dialect.namespace, name)} {
${declared.map((error, i) => [i > 0 ? "\n" : "", errorType(error, scope, f)])}\
}

`}${comment}
${f.export(dialect.const, name)}${types`: ${scope.runtime("SharedErrors")}<${name}> & {
${declared.map((error) => errorFactory(error, context))}\
}`}${statements` = /*@__PURE__*/ (() => ${scope.runtime("sharedErrors")}(${f.string(file.proto.package)}, {
${declared.map((error) => ["  ", errorContract(error, scope, f)])}\
}))()`};
`;
}
