import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pnpm } from "./pnpm.mjs";
import { root } from "./root.mjs";
import { packages } from "./workspace.mjs";

/** Packs a package as for publishing. Resolves to the path of the tarball. */
export async function pack(folder, destination) {
  const output = await pnpm(["pack", "--json", "--pack-destination", destination], { cwd: join(root, folder) });
  return JSON.parse(output).filename;
}

/**
 * Packs all packages of this repository. Resolves to their tarballs, by the name of the package.
 *
 * @param {string} destination
 * @returns {Promise<ReadonlyMap<string, string>>}
 */
export async function packAll(destination) {
  const entries = packages.map(async (folder) => {
    const { name } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return [name, await pack(folder, destination)];
  });
  return new Map(await Promise.all(entries));
}
