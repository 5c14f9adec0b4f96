import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installNode, nodeBin, nodeVersions } from "../lib/nodes.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

// The commands in docs/tools.md run with the same versions.
const { devDependencies: versions } = JSON.parse(readFileSync(join(root, "tests/tools-project/package.json"), "utf8"));
const workerdVersion = "1.20261117.1";
const folder = join(root, ".tools/runtimes");
const bin = (name) => join(folder, "node_modules/.bin", name);

/** Installs everything that is not the Node which runs this script. */
export async function installRuntimes() {
  const packages = [`bun@${versions.bun}`, `deno@${versions.deno}`, `workerd@${workerdVersion}`];
  await run("npm", ["install", "--no-save", "--no-package-lock", "--prefix", folder, ...packages]);
  for (const version of nodeVersions) await installNode(version);
}

/** What is running this script. */
export const node = { name: `Node ${major(process.versions.node)}`, command: [process.execPath] };

/** The other versions of Node. */
export const otherNodes = nodeVersions
  .filter((version) => `${version}` !== major(process.versions.node))
  .map((version) => ({ name: `Node ${version}`, command: [join(nodeBin(version), "node")] }));

export const bun = { name: `Bun ${versions.bun}`, command: [bin("bun")] };

export const deno = { name: `Deno ${versions.deno}`, command: [bin("deno"), "run", "--allow-all", "--quiet"] };

export const workerdCommand = [bin("workerd")];

function major(version) {
  return version.split(".")[0];
}
