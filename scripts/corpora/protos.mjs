import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { Failure } from "../lib/failure.mjs";

/** The flags with which protoc finds the files of a corpus and what they import. Downloads them. */
export async function protoPaths({ roots, imports = [] }) {
  const flags = [];
  for (const { fetch, folder = "", as } of [...roots, ...imports]) {
    const path = join(await fetch(), folder);
    flags.push("-I", as === undefined ? path : `${as}=${path}`);
  }
  return flags;
}

/** The names of the files of a corpus that declare services. */
export async function filesWithServices({ name, roots, without = {} }) {
  const files = [];
  for (const { fetch, folder = "", as = "", within = "" } of roots) {
    const root = join(await fetch(), folder);
    const paths = protosIn(join(root, within)).filter(declaresService);
    files.push(...paths.map((path) => posix.join(as, ...relative(root, path).split(sep))));
  }
  const prefixes = Object.keys(without);
  const unused = prefixes.filter((prefix) => !files.some((file) => file.startsWith(prefix)));
  if (unused.length > 0) throw new Failure(`${name} has no ${unused.join(", ")}. Remove this from corpora.mjs.`);
  return files.filter((file) => !prefixes.some((prefix) => file.startsWith(prefix))).sort();
}

function protosIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".proto"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** May be wrong about a comment, which does no harm: the file is generated, and has no service. */
function declaresService(path) {
  return /^\s*service\s+\w+/m.test(readFileSync(path, "utf8"));
}
