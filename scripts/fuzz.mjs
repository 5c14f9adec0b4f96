import { rmSync } from "node:fs";
import { join } from "node:path";
import { fuzzOptions } from "./lib/fuzz-options.mjs";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

const options = fuzzOptions(process.argv.slice(2));
// Inside the package, so that the programs find their dependencies.
const out = join(root, "packages/runtime/.programs/fuzz");

await runSteps([
  ...setUp,
  {
    name: "compile",
    needed: true,
    action: () => run("tsc", ["-p", "packages/runtime/test/fuzz", "--outDir", out]),
  },
  {
    name: "fuzz",
    show: true,
    action: () => run("node", ["--expose-gc", join(out, "test/fuzz/fuzz.js"), JSON.stringify(options)], { show: true }),
  },
  { name: "clean up", action: async () => rmSync(out, { recursive: true, force: true }) },
]);
