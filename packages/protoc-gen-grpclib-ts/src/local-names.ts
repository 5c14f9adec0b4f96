import type { DescMethod, DescService } from "@bufbuild/protobuf";

/** An object with one of these methods is taken for a promise by `await`, or looks like one to readers. */
const promiseMethods: ReadonlySet<string> = new Set(["then", "catch", "finally"]);

/**
 * The names of a service's methods in TypeScript.
 *
 * protobuf-es makes them camelCase, and escapes what JavaScript reserves on
 * objects (`constructor$`). Escaped here too are the methods of promises, and of
 * two rpcs that come out the same (`GetBook` and `getBook`) the later one. A
 * proto name cannot contain `$`, so an escaped name collides with no other rpc.
 *
 * The runtime has the same rule, and a test holds the two together.
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
