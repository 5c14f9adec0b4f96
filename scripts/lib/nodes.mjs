import { join } from "node:path";
import { root } from "./root.mjs";
import { run } from "./run.mjs";

/** The oldest supported version of Node. */
export const oldestNode = "20.19";

/** The other supported versions. */
export const nodeVersions = [22, 24, 26];

/** The npm package with Node for this platform. */
export const nodePackage = `node-${process.platform}-${process.arch}`;

/** Installs a version of Node for the tests. */
export function installNode(version) {
  const options = ["--no-save", "--no-package-lock", "--prefix", folderOf(version)];
  return run("npm", ["install", ...options, `${nodePackage}@${version}`]);
}

/** The folder that contains the `node` command of an installed version. */
export function nodeBin(version) {
  return join(folderOf(version), "node_modules", nodePackage, "bin");
}

function folderOf(version) {
  return join(root, ".tools", `node-${version}`);
}
