import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { run } from "../lib/run.mjs";

/**
 * Downloads a Debian package, and calls `use` with the folder of its files, which
 * is removed afterwards.
 */
export async function withDebianPackage(name, use) {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  try {
    await run("apt-get", ["download", name], { cwd: folder });
    const [archive] = readdirSync(folder);
    await run("dpkg", ["-x", archive, "."], { cwd: folder });
    use(folder);
  } catch (error) {
    throw new Failure(`${error.message}\nInstall the package ${name}: apt-get update && apt-get install ${name}`, {
      cause: error,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
