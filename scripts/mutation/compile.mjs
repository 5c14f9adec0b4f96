import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Writes the JavaScript of all sources and tests of the runtime next to them. Stryker runs this in the copy of the
// repository, in packages/runtime, after it has put the changes into the sources. Tests of random values are limited
// to 100 of them, which takes a hundredth of the time.
const require = createRequire(createRequire(join(process.cwd(), "../../package.json")).resolve("vitest/package.json"));
const { transformWithOxc } = await import(pathToFileURL(require.resolve("vite")));

for (const folder of ["src", "test"]) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
    const file = join(folder, name);
    const { code } = await transformWithOxc(readFileSync(file, "utf8"), file, { target: "es2022", sourcemap: false });
    writeFileSync(file.replace(/\.ts$/, ".js"), code.replaceAll(/numRuns: [\d_e]+/g, "numRuns: 100"));
  }
}
