import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

/** The folders of the published packages. */
export const packages = foldersIn("packages");

/** The folders of the examples. */
export const examples = foldersIn("examples");

/** The examples that `npm run demo` runs. */
export const demos = examples.filter((example) => {
  const { scripts } = JSON.parse(readFileSync(join(root, example, "package.json"), "utf8"));
  return scripts?.demo !== undefined;
});

/** The folders in which `buf generate` makes code that is committed. */
export const generatedIn = [...examples, ...packages, ...packages.map((folder) => `${folder}/test`), "runtimes"].filter(
  (folder) => existsSync(join(root, folder, "buf.gen.yaml")),
);

/** The packages in a folder, as paths relative to the root such as `packages/runtime`. */
function foldersIn(parent) {
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json")));
}
