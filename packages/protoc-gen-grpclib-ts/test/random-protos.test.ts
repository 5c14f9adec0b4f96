import { join } from "node:path";
import { expect, test } from "vitest";
import { built, inRepository, listFiles, workFolder, writeFiles } from "./support/folders.js";
import { randomProtos } from "./support/random-protos.js";
import { run, succeed, tools } from "./support/tools.js";

const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  declaration: true,
  isolatedDeclarations: true,
  erasableSyntaxOnly: true,
  noEmit: true,
  module: "nodenext",
  target: "es2022",
  lib: ["es2022", "esnext.disposable", "dom"],
  types: [],
};

// To try more: RANDOM_PROTOS=20 npx vitest run random-protos. RANDOM_SEED is the first seed.
const runs = Number(process.env["RANDOM_PROTOS"] ?? 2);
const firstSeed = Number(process.env["RANDOM_SEED"] ?? 1);

// A run takes seconds, and the type checker checks all of them together.
test("The code for random .proto files type-checks.", { timeout: 120_000 + runs * 60_000 }, () => {
  built("packages/runtime/dist/codegen.js");
  const folder = workFolder("random-protos", {
    "package.json": JSON.stringify({ type: "module" }),
    "tsconfig.json": JSON.stringify({ compilerOptions, include: ["*/gen"] }),
  });
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const target = seed % 2 === 0 ? "js+dts" : "ts";
    generate(join(folder, String(seed)), `target=${target},import_extension=js`, randomProtos(seed, 12));
  }
  const { status, stdout } = run("tsc 7", ["-p", "."], { cwd: folder });
  expect(stdout.toString()).toBe("");
  expect(status).toBe(0);
});

/** Writes .proto files into a folder, and generates code for them. */
function generate(folder: string, option: string, protos: Readonly<Record<string, string>>): void {
  const [protoFolder, out] = [join(folder, "proto"), join(folder, "gen")];
  writeFiles(protoFolder, protos);
  writeFiles(out, { "README.md": "The output of both plugins." });
  succeed("protoc", [
    ...["-I", protoFolder, "-I", inRepository("packages/runtime/proto")],
    // Methods such as GetBook and getBook get the same name in the output of protoc-gen-es, which is an error there.
    ...[
      `--plugin=${tools.protocGenEs()}`,
      `--es_out=${out}`,
      `--es_opt=${option},erasable_syntax=true,ts_nocheck=true`,
    ],
    ...[`--plugin=${tools.plugin()}`, `--grpclib-ts_out=${out}`, `--grpclib-ts_opt=${option}`],
    ...[...listFiles(protoFolder), "grpclib/v1/errors.proto"],
  ]);
}
