import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "../lib/pack.mjs";
import { run } from "../lib/run.mjs";

/** Are the fields of package.json right, and is there what they point to? */
export function publint(folder) {
  return withTarball(folder, (tarball) => run("publint", ["run", "--strict", tarball]));
}

/** Do all ways of resolving modules find the types of each entry? */
export function attw(folder) {
  return withTarball(folder, (tarball) => run("attw", ["--profile", "esm-only", tarball]));
}

async function withTarball(folder, check) {
  const directory = mkdtempSync(join(tmpdir(), "package-"));
  try {
    await check(await pack(folder, directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
