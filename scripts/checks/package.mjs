import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "../lib/pack.mjs";
import { run } from "../lib/run.mjs";

/** Checks that the fields of package.json are valid and that the files they name exist. */
export function publint(folder) {
  return withTarball(folder, (tarball) => run("publint", ["run", "--strict", tarball]));
}

/** Checks that TypeScript finds the types of each entry point with every module resolution. CommonJS can require ESM. */
export function attw(folder) {
  return withTarball(folder, (tarball) => run("attw", ["--ignore-rules", "cjs-resolves-to-esm", "--", tarball]));
}

async function withTarball(folder, check) {
  const directory = mkdtempSync(join(tmpdir(), "package-"));
  try {
    await check(await pack(folder, directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
