import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";
import { run } from "../scripts/lib/run.mjs";
import { examples } from "../scripts/lib/workspace.mjs";
import { compilers } from "./compilers.js";

// Users copy the examples, so they must compile with each supported version of TypeScript, and need no casts.

const compilerOptions = {
  target: "es2022",
  // TypeScript 5.4 has no newer one with Symbol.dispose.
  lib: ["es2022", "esnext"],
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  typeRoots: [join(root, "node_modules/@types")],
  types: ["node"],
};

/** Comments, strings, and imports, which may rename with `as`. */
const notCode = /\/\/.*|\/\*[\s\S]*?\*\/|"[^"]*"|`[^`]*`|^(?:import|export)\b[^;=(]*\bfrom\b/gm;

/** `value as Type`, but not `as const`; `<Type>value`; `value!`; and `any`. */
const cast = /\bas (?!const\b)\w+|= <\w+>|[\w)\]]!(?=[.;,)[])|\bany\b/;

describe.for(examples)("%s", (example) => {
  const source = join(root, example, "src");

  test.for(Object.entries(compilers))("compiles with TypeScript %s", async ([, compiler]) => {
    const folder = mkdtempSync(join(tmpdir(), "examples-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: [source] }));
    await run(process.execPath, [join(root, compiler), "-p", folder]);
  });

  test("has no casts", () => {
    const files = readdirSync(source).filter((name) => name.endsWith(".ts"));
    expect(files).not.toHaveLength(0);
    for (const name of files) {
      const code = readFileSync(join(source, name), "utf8").replaceAll(notCode, "");
      expect(cast.exec(code)?.[0], `a cast in ${name}`).toBeUndefined();
    }
  });
});
