import { join } from "node:path";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

// benchmarks/README.md has the options.
const options = process.argv.slice(2);
const own = ["--node", "--quick", "--profile"].some((option) => options.includes(option));
const folder = join(root, ".tools/node-24");
const name = `node-${process.platform}-${process.arch}`;
const node24 = join(folder, "node_modules", name, "bin/node");

await runSteps([
  ...setUp,
  {
    name: "generate",
    needed: true,
    action: () => run("buf", ["generate"], { cwd: join(root, "benchmarks") }),
  },
  ...(own
    ? []
    : [
        {
          name: "install Node 24",
          needed: true,
          action: () => run("npm", ["install", "--no-save", "--no-package-lock", "--prefix", folder, `${name}@24`]),
          hint: `the npm package ${name} brings it; --node <path> measures on another Node`,
        },
      ]),
  {
    name: "benchmarks",
    show: true,
    action: () => {
      const nodes = own ? [] : ["--node", process.execPath, "--node", node24];
      return run("node", ["benchmarks/main.mjs", ...nodes, ...options], { show: true });
    },
  },
]);
