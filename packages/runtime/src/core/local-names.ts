import type { DescMethod, DescService } from "@bufbuild/protobuf";

// A base or stub that has a method of one of these names would be taken for a promise.
const promiseMethods = new Set(["then", "catch", "finally"]);

/**
 * The names of a service's methods in generated code: `GetBook` is `getBook`.
 *
 * Names that would break a class or a promise, and names that an earlier method
 * of the service has taken, get a `$` at their end. The plugin emits the same names.
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
