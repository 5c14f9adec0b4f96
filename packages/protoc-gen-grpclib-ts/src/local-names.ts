import type { DescMethod, DescService } from "@bufbuild/protobuf";

/** `await` treats an object with a `then` method as a promise. The other two only make it look like one to readers. */
const promiseMethods: ReadonlySet<string> = new Set(["then", "catch", "finally"]);

/**
 * The names of a service's methods in TypeScript.
 *
 * protobuf-es converts them to camelCase, and escapes the names that JavaScript
 * objects reserve (`constructor$`). This function also escapes the methods of
 * promises and, if two rpcs get the same name (`GetBook` and `getBook`), the
 * later one. A proto name cannot contain `$`, so an escaped name never clashes
 * with that of another rpc.
 *
 * The runtime implements the same rule; a test compares the two.
 */
export function localNames(service: DescService): ReadonlyMap<DescMethod, string> {
  const names = new Map<DescMethod, string>();
  const taken = new Set<string>();
  for (const method of service.methods) {
    let name = promiseMethods.has(method.localName) ? `${method.localName}$` : method.localName;
    while (taken.has(name)) {
      name += "$";
    }
    taken.add(name);
    names.set(method, name);
  }
  return names;
}
