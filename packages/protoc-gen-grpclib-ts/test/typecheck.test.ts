import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generate, generateMessages } from "./support/fixtures.js";
import { built, type Files, inPackage, listFiles, workFolder } from "./support/folders.js";
import { run } from "./support/tools.js";

const usage: Files = Object.fromEntries(
  listFiles(inPackage("test/usage")).map((name) => [
    `usage/${name}`,
    readFileSync(inPackage(`test/usage/${name}`), "utf8"),
  ]),
);

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
};
const stricter = { ...strict, declaration: true, isolatedDeclarations: true, erasableSyntaxOnly: true };

const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
const bundler = { module: "esnext", moduleResolution: "bundler" };

test.for([
  { tsc: "5.4", option: "target=ts,import_extension=js", flags: { ...strict, ...nodenext, skipLibCheck: true } },
  { tsc: "5.9", option: "target=ts,import_extension=none", flags: { ...stricter, ...bundler } },
  {
    tsc: "7",
    option: "target=ts,import_extension=ts",
    flags: { ...stricter, ...nodenext, allowImportingTsExtensions: true },
  },
  { tsc: "5.4", option: "target=js+dts,import_extension=js", flags: { ...strict, ...bundler, skipLibCheck: true } },
  { tsc: "5.9", option: "target=js+dts,import_extension=js", flags: { ...stricter, ...nodenext } },
  { tsc: "7", option: "target=js+dts,import_extension=js", flags: { ...stricter, ...nodenext } },
] as const)(
  "tsc $tsc accepts the output of $option and its correct uses, and reports the wrong ones.",
  ({ tsc, option, flags }) => {
    built("packages/runtime/dist/codegen.js");
    const compilerOptions = {
      ...flags,
      noEmit: true,
      target: "es2022",
      lib: ["es2022", "esnext.disposable", "dom"],
      types: [],
    };
    const folder = workFolder(`typecheck-${tsc}-${option}`, {
      // protoc-gen-es gives methods in collisions/methods.proto the same name, which is an error in its output.
      ...generateMessages(`${option},erasable_syntax=true,ts_nocheck=true`),
      ...generate(option),
      ...usage,
      "package.json": `{ "type": "module" }`,
      "tsconfig.json": JSON.stringify({ compilerOptions, include: ["**/*"] }),
    });
    const { status, stdout } = run(`tsc ${tsc}`, ["-p", "."], { cwd: folder });
    expect(stdout.toString()).toBe("");
    expect(status).toBe(0);
  },
);
