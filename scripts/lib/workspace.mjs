import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

/** The folders of the packages that are published. */
export const packages = foldersIn("packages");

/** The folders of the examples. */
export const examples = foldersIn("examples");

/** The folders with generated code that is committed. `buf generate` in such a folder makes it. */
export const generatedIn = [...examples, ...packages, ...packages.map((folder) => `${folder}/test`)].filter((folder) =>
  existsSync(join(root, folder, "buf.gen.yaml")),
);

/** The folder's name in the workspace, as steps show it: `packages/runtime`. */
function foldersIn(parent) {
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json")));
}
