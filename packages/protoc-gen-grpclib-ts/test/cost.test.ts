import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { createEcmaScriptPlugin, type Plugin } from "@bufbuild/protoplugin";
import { expect, test, vi } from "vitest";
import { plugin } from "../src/plugin.js";
import { prepare } from "../src/prepare.js";
import { compile, fixtureRequest, protoPaths } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";

// What generation costs, in numbers that do not depend on how fast the machine is.

/** Puts rpcs into services, and services into files. */
type Arrange = (rpcs: readonly string[]) => readonly (readonly (readonly string[])[])[];

/** .proto files with rpcs, each of which has three messages of its own. All messages are in the first file. */
function protos(rpcs: readonly string[], arrange: Arrange): Files {
  const messages = rpcs.map((rpc) => `message ${rpc} { message Request {} message Fault {} }`);
  const method = (rpc: string): string =>
    `rpc Call${rpc}(${rpc}.Request) returns (${rpc}) {
      option (grpclib.v1.errors) = { status: ABORTED details: "${rpc}.Fault" };
    }`;
  const files = arrange(rpcs).map((services, i) => [
    'syntax = "proto3"; package library.v1; import "grpclib/v1/errors.proto";',
    ...(i === 0 ? messages : ['import "file0.proto";']),
    ...services.map((rpcs) => `service ${rpcs[0]}Service { ${rpcs.map(method).join("\n")} }`),
  ]);
  return Object.fromEntries(files.map((lines, i) => [`file${i}.proto`, lines.join("\n")]));
}

/** How often something has been looked up. */
let count = 0;

/** Counts how often a property is read. */
function watch<T extends object>(object: T, property: keyof T): void {
  const value = object[property];
  const get = (): T[keyof T] => {
    count += 1;
    return value;
  };
  Object.defineProperty(object, property, { get });
}

// Nobody but protoplugin, and the plugins that it calls, gets hold of the descriptors that it makes of a request.
vi.mock("@bufbuild/protoplugin", async (importOriginal) => {
  const protoplugin = await importOriginal<{ createEcmaScriptPlugin: typeof createEcmaScriptPlugin }>();
  const create: typeof createEcmaScriptPlugin = (init) =>
    protoplugin.createEcmaScriptPlugin({
      ...init,
      generateTs(schema, target) {
        for (const file of schema.allFiles) {
          for (const type of [...nestedTypes(file)]) {
            if (type.kind === "message") {
              watch(type, "nestedMessages");
            }
          }
          watch(file, "messages");
        }
        init.generateTs(schema, target);
      },
    });
  return { ...protoplugin, createEcmaScriptPlugin: create };
});

/**
 * How often a plugin asks a file for its package, which is part of working out
 * the name of a type, a file or a message for the messages in it, and a place
 * in a file for its path as a key.
 */
function lookups(rpcs: number, arrange: Arrange, { run }: Plugin): number {
  const names = Array.from({ length: rpcs }, (_, i) => `Book${i}`);
  const files = protos(names, arrange);
  const fileToGenerate = Object.keys(files);
  const protoFile = compile(["-I", workFolder("cost", files), ...protoPaths], fileToGenerate);
  for (const file of protoFile) {
    watch(file, "package");
    for (const { path } of file.sourceCodeInfo?.location ?? []) {
      watch(path, "join");
    }
  }
  const request = prepare(fixtureRequest({ parameter: "target=ts", fileToGenerate, protoFile }));
  const before = count;
  run(request);
  return count - before;
}

/** The lookups for one more rpc, where there are so many already. */
function oneMore(rpcs: number, arrange: Arrange, by: Plugin = plugin): number {
  return lookups(rpcs + 1, arrange, by) - lookups(rpcs, arrange, by);
}

const inOneService: Arrange = (rpcs) => [[rpcs]];

test.for<{ place: string; arrange: Arrange; most: number }>([
  { place: "the same service", arrange: inOneService, most: 60 },
  { place: "a service of its own", arrange: (rpcs) => [rpcs.map((rpc) => [rpc])], most: 70 },
  { place: "a file of its own", arrange: (rpcs) => rpcs.map((rpc) => [[rpc]]), most: 83 },
])("One more rpc in $place takes at most $most lookups, however many there are.", ({ arrange, most }) => {
  const few = oneMore(50, arrange);
  expect(few).toBeLessThanOrEqual(most);
  expect(oneMore(400, arrange)).toBe(few);
});

test("The lookups that protoplugin makes for every import are among those counted.", () => {
  const naive = createEcmaScriptPlugin({
    name: "naive",
    version: "v1",
    generateTs(schema) {
      const f = schema.generateFile("naive.ts");
      const methods = schema.files.flatMap(({ services }) => services).flatMap(({ methods }) => methods);
      f.print(methods.map(({ input }) => f.importShape(input)));
    },
  });
  expect(oneMore(50, inOneService, naive)).toBeGreaterThan(1_000);
});
