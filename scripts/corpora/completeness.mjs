import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";

/** What the output of protoc-gen-es, and of our plugin, has once for each service or method. */
const marks = {
  services: {
    messages: /^export const \S+: GenService<\{/gm,
    code: [/^export abstract class \w+Base implements \w+ \{$/gm, /^export class \w+Stub \{$/gm],
  },
  methods: {
    messages: /^ {4}methodKind: "/gm,
    code: [/^ {2}abstract \w+\$*\(/gm, /^ {2}readonly \w+\$*!: /gm],
  },
};

/**
 * Checks that our plugin has generated a base and a stub for each service that protoc-gen-es has generated, with all
 * methods. Returns the number of services.
 */
export function checkCompleteness(folder) {
  const problems = [];
  let services = 0;
  for (const path of readdirSync(folder, { recursive: true }).filter((path) => path.endsWith("_pb.ts"))) {
    const messages = read(join(folder, path));
    const code = read(join(folder, path.replace(/_pb\.ts$/, "_grpclib.ts")));
    services += count(messages, marks.services.messages);
    for (const [what, patterns] of Object.entries(marks)) {
      const expected = count(messages, patterns.messages);
      const actual = patterns.code.map((pattern) => count(code, pattern));
      if (actual.some((number) => number !== expected)) {
        problems.push(`${path}: expected ${expected} ${what}, got ${actual.join(" in bases, ")} in stubs`);
      }
    }
  }
  if (problems.length > 0) throw new Failure(problems.join("\n"));
  return services;
}

/** The text of a file. Without services, there is no file. */
function read(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function count(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}
