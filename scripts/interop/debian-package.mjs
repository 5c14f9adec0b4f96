import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

/**
 * Downloads a Debian package and those that it needs and that are not installed, and calls `use` with the folder of
 * their files, which is removed afterwards.
 */
export async function withDebianPackage(name, use) {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  try {
    const plan = await run("apt-get", ["install", "--simulate", "--no-install-recommends", name]);
    const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, needed]) => needed);
    await run("apt-get", ["download", ...new Set([name, ...missing])], { cwd: folder });
    const archives = readdirSync(folder);
    for (const archive of archives) await run("dpkg", ["-x", archive, "."], { cwd: folder });
    for (const archive of archives) rmSync(join(folder, archive));
    use(folder);
  } catch (error) {
    throw new Failure(`${error.message}\nInstall the package ${name}: apt-get update && apt-get install ${name}`, {
      cause: error,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Copies the Debian package of a program into .tools, unless the program is installed. */
export async function installDebianProgram(name) {
  if (!existsSync(debianProgram(name).command)) {
    const options = { recursive: true, verbatimSymlinks: true };
    await withDebianPackage(name, (folder) => cpSync(folder, copyOf(name), options));
  }
  const { command, env } = debianProgram(name);
  await run(command, ["-v"], { env });
}

/** The program of a Debian package: the one that is installed, or else the copy in .tools with its own libraries. */
export function debianProgram(name) {
  const installed = `/usr/sbin/${name}`;
  if (existsSync(installed)) return { command: installed, env: {} };
  const copy = copyOf(name);
  const lib = join(copy, "usr/lib");
  // Some programs need no libraries that Debian does not have installed.
  const folders = existsSync(lib) ? readdirSync(lib) : [];
  const libraries = folders.filter((folder) => folder.endsWith("-linux-gnu")).map((folder) => join(lib, folder));
  return { command: join(copy, installed), env: { LD_LIBRARY_PATH: libraries.join(delimiter) } };
}

function copyOf(name) {
  return join(root, ".tools/debian", name);
}
