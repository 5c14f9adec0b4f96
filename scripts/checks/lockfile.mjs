import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

/** Checks that the lockfile does not contain addresses of a registry. */
export async function lockfile() {
  const lines = readFileSync(join(root, "pnpm-lock.yaml"), "utf8").split("\n");
  const addresses = lines.filter((line) => /^ +(resolution|tarball|registry):.*:\/\//.test(line));
  if (addresses.length > 0)
    throw new Failure(`pnpm-lock.yaml contains addresses. Remove them:\n${addresses.join("\n")}`);
}
