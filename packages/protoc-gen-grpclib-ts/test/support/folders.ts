import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

/** A path inside of this package. */
export function inPackage(path: string): string {
  return join(packageFolder, path);
}

/** A path inside of the repository. */
export function inRepository(path: string): string {
  return join(packageFolder, "../..", path);
}

/** A path inside of the repository that a build makes. Throws if it has not been built. */
export function built(path: string): string {
  if (!existsSync(inRepository(path))) {
    throw new Error(`${path} is missing: run "npm test" in the root folder, which builds the packages first.`);
  }
  return inRepository(path);
}

/** Files by their paths, relative to a folder. */
export type Files = Readonly<Record<string, string>>;

/**
 * Makes an empty folder for the output of one test, and puts `files` into it.
 *
 * It is inside of the package, and has the runtime in its node_modules, so that
 * generated code finds what it imports.
 */
export function workFolder(name: string, files: Files = {}): string {
  const folder = inPackage(join("node_modules/.cache", name));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules/@grpclib-ts"), { recursive: true });
  symlinkSync(inRepository("packages/runtime"), join(folder, "node_modules/@grpclib-ts/runtime"));
  writeFiles(folder, files);
  return folder;
}

/** Writes files into a folder. */
export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Reads all files in a folder, in the order of their names, but not what is in a node_modules. */
export function readFiles(folder: string): Files {
  return Object.fromEntries(listFiles(folder).map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** The paths of all files in a folder, relative to it and sorted. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith("node_modules"))
    .sort();
}
