import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

/** A path in this package. */
export function inPackage(path: string): string {
  return join(packageFolder, path);
}

/** A path in the repository. */
export function inRepository(path: string): string {
  return join(packageFolder, "../..", path);
}

/** The path of a build output in the repository. Throws if it has not been built. */
export function built(path: string): string {
  if (!existsSync(inRepository(path))) {
    throw new Error(`${path} is missing. Run "npm test" in the root folder, which builds the packages first.`);
  }
  return inRepository(path);
}

/** The contents of files by their paths, relative to a folder. */
export type Files = Readonly<Record<string, string>>;

/**
 * Creates an empty folder for the output of one test, and writes `files` into it.
 *
 * The folder is in this package and links the runtime in its node_modules, so
 * that generated code finds its imports.
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

/** Reads the files that {@link listFiles} lists. */
export function readFiles(folder: string): Files {
  return Object.fromEntries(listFiles(folder).map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** The sorted, relative paths of all files in a folder, without its node_modules. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith("node_modules"))
    .sort();
}
