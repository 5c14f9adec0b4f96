import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const tsc = fileURLToPath(new URL("../../../../node_modules/typescript/bin/tsc", import.meta.url));

/**
 * Compiles programs for the tests of a file.
 *
 * @param programs the folder of the programs, with their `tsconfig.json`. Default: the attacked ones
 * @returns the output folder. It is inside the package, so that the programs find its dependencies.
 */
export function compilePrograms(programs = new URL("programs", import.meta.url)): string {
  const parent = join(packageFolder, ".programs");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "attacks-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", fileURLToPath(programs), "--outDir", folder]);
  if (status !== 0) throw new Error(`The programs do not compile:\n${stdout}`);
  return folder;
}
