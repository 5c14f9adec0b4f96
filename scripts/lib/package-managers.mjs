import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";
import { run } from "./run.mjs";

const { packageManager: pnpm } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The package managers that users have: the name of the command, and the npm package that it is installed from. */
export const packageManagers = [
  // The one that comes with the oldest supported Node. `npm test` uses the one of the machine.
  { name: "npm", from: "npm@10.8.2" },
  { name: "pnpm", from: pnpm },
  { name: "yarn", from: "yarn@1.22.22" },
  { name: "yarn", from: "@yarnpkg/cli-dist@4.18.1" },
];

/** Installs a package manager. */
export function installPackageManager({ from }) {
  return run("npm", ["install", "--no-save", "--no-package-lock", "--prefix", folderOf(from), from]);
}

/** The folder that contains the command of an installed package manager. */
export function packageManagerBin({ from }) {
  return join(folderOf(from), "node_modules/.bin");
}

function folderOf(from) {
  return join(root, ".tools", from.replaceAll(/\W+/g, "-"));
}
