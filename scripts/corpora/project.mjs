import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";
import { filesWithServices, protoPaths } from "./protos.mjs";

const protoc = join(root, "packages/protoc-gen-grpclib-ts/node_modules/.bin/protoc");
const plugin = join(root, "packages/protoc-gen-grpclib-ts/bin/protoc-gen-grpclib-ts");

/** With every flag that makes TypeScript stricter about generated code. */
const compilerOptions = {
  noEmit: true,
  target: "es2022",
  lib: ["es2022", "esnext.disposable", "dom"],
  types: [],
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  declaration: true,
  isolatedDeclarations: true,
  erasableSyntaxOnly: true,
};

/**
 * Creates a project with the code that both plugins generate for the files of a corpus that declare services, and for
 * what they import. Resolves to its folder.
 */
export async function createProject(corpus) {
  const folder = join(root, ".tools/corpora/projects", corpus.name.replaceAll(/\W+/g, "-"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules/@grpclib-ts"), { recursive: true });
  symlinkSync(join(root, "packages/runtime"), join(folder, "node_modules/@grpclib-ts/runtime"));
  symlinkSync(join(root, "packages/runtime/node_modules/@bufbuild"), join(folder, "node_modules/@bufbuild"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));

  const files = await filesWithServices(corpus);
  writeFileSync(join(folder, "files.txt"), files.join("\n"));
  const paths = await protoPaths(corpus);
  const flags = ["--include_imports", "--include_source_info", "--retain_options", "-o", "set.binpb"];
  await run(protoc, [...paths, ...flags, "@files.txt"], { cwd: folder });
  await generate(folder);
  return folder;
}

async function generate(folder) {
  const opt = "target=ts,import_extension=js";
  const plugins = [
    { local: plugin, out: "src", opt, strategy: "all" },
    { local: "protoc-gen-es", out: "src", opt: `${opt},erasable_syntax=true`, strategy: "all" },
  ];
  writeFileSync(join(folder, "buf.gen.yaml"), JSON.stringify({ version: "v2", plugins }));
  await run("buf", ["generate", "set.binpb", "--exclude-path", "google/protobuf"], { cwd: folder });
}

/**
 * Checks the types of a project.
 *
 * @returns the number of errors in the output of protoc-gen-es
 * @throws Failure if there are errors in the output of our plugin
 */
export async function checkTypes(folder) {
  const errors = await run("tsc", ["-p", ".", "--pretty", "false"], { cwd: folder }).then(
    () => [],
    (error) => {
      const lines = error.message.split("\n").filter((line) => /\berror TS\d+: /.test(line));
      // The compiler itself failed.
      if (lines.length === 0) throw error;
      return lines;
    },
  );
  const ofMessages = errors.filter((line) => /^[^(]*_pb\.ts\(/.test(line));
  const others = errors.filter((line) => !ofMessages.includes(line));
  if (others.length > 0) throw new Failure(`${others.length} errors:\n${others.slice(0, 20).join("\n")}`);
  return ofMessages.length;
}
