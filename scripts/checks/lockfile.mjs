import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

/** The lockfile names packages, not the registry that somebody happened to install them from. */
export async function lockfile() {
  const lines = readFileSync(join(root, "pnpm-lock.yaml"), "utf8").split("\n");
  const addresses = lines.filter((line) => /^ +(resolution|tarball|registry):.*:\/\//.test(line));
  if (addresses.length > 0) throw new Failure(`Addresses in pnpm-lock.yaml:\n${addresses.join("\n")}`);
}
