import type { DescMethod, DescService } from "@bufbuild/protobuf";

// A base or stub with a method of one of these names would look like a promise.
const promiseMethods = new Set(["then", "catch", "finally"]);

/**
 * The names of a service's methods in generated code: `GetBook` becomes `getBook`.
 *
 * A name gets the suffix `$` if it would break a class, if it would make the
 * object look like a promise, or if an earlier method of the service has the
 * same name. The plugin emits the same names.
 */
export function localNames(service: DescService): ReadonlyMap<DescMethod, string> {
  const names = new Map<DescMethod, string>();
  const taken = new Set<string>();
  for (const method of service.methods) {
    let name = promiseMethods.has(method.localName) ? `${method.localName}$` : method.localName;
    while (taken.has(name)) name += "$";
    taken.add(name);
    names.set(method, name);
  }
  return names;
}
