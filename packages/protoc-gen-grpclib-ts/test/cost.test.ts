import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { createEcmaScriptPlugin, type Plugin } from "@bufbuild/protoplugin";
import { expect, test, vi } from "vitest";
import { plugin } from "../src/plugin.js";
import { prepare } from "../src/prepare.js";
import { compile, fixtureRequest, protoPaths } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";

// These tests measure the cost of generation in property reads, which do not depend on the speed of the machine.

/** Groups rpcs into services, and services into files. */
type Arrange = (rpcs: readonly string[]) => readonly (readonly (readonly string[])[])[];

/** .proto files with rpcs. Each rpc has three messages of its own. All messages are in the first file. */
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

/** How often watched properties have been read so far. */
let count = 0;

/** Adds the reads of a property to {@link count}. */
function watch<T extends object>(object: T, property: keyof T): void {
  const value = object[property];
  const get = (): T[keyof T] => {
    count += 1;
    return value;
  };
  Object.defineProperty(object, property, { get });
}

// protoplugin passes the descriptors that it creates from a request only to plugins. So a plugin has to watch them.
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
 * How often a plugin reads
 * - the package of a file, which it needs to compute the name of a type,
 * - the messages in a file or a message,
 * - the path of a source location, to use it as a key.
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

/** The additional lookups for one more rpc, on top of `rpcs` existing ones. */
function oneMore(rpcs: number, arrange: Arrange, by: Plugin = plugin): number {
  return lookups(rpcs + 1, arrange, by) - lookups(rpcs, arrange, by);
}

const inOneService: Arrange = (rpcs) => [[rpcs]];

test.for<{ place: string; arrange: Arrange; most: number }>([
  { place: "the same service", arrange: inOneService, most: 60 },
  { place: "a service of its own", arrange: (rpcs) => [rpcs.map((rpc) => [rpc])], most: 70 },
  { place: "a file of its own", arrange: (rpcs) => rpcs.map((rpc) => [[rpc]]), most: 83 },
])("One more rpc in $place takes at most $most lookups, however many rpcs there are.", ({ arrange, most }) => {
  const few = oneMore(50, arrange);
  expect(few).toBeLessThanOrEqual(most);
  expect(oneMore(400, arrange)).toBe(few);
});

test("The counted lookups include those that protoplugin makes for every import.", () => {
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
