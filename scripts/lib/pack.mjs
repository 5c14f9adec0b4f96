import { join } from "node:path";
import { pnpm } from "./pnpm.mjs";
import { root } from "./root.mjs";

/** Packs a package as for publishing. Resolves to the path of the tarball. */
export async function pack(folder, destination) {
  const output = await pnpm(["pack", "--json", "--pack-destination", destination], { cwd: join(root, folder) });
  return JSON.parse(output).filename;
}
