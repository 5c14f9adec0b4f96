import { join } from "node:path";
import { parseOptions } from "../benchmarks/lib/options.mjs";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

const args = process.argv.slice(2);
const { node, quick, profile, against } = parseOptions(args);
/** Whether to measure on both this machine's Node and Node 24: the default without these options. */
const both = node === undefined && !quick && !profile && against === undefined;
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
  ...(both
    ? [
        {
          name: "install Node 24",
          needed: true,
          action: () => run("npm", ["install", "--no-save", "--no-package-lock", "--prefix", folder, `${name}@24`]),
          hint: `it comes with the npm package ${name}; use --node <path> to measure on another Node`,
        },
      ]
    : []),
  {
    name: "benchmarks",
    show: true,
    action: () => {
      const nodes = both ? ["--node", process.execPath, "--node", node24] : [];
      return run("node", ["benchmarks/main.mjs", ...nodes, ...args], { show: true });
    },
  },
]);
