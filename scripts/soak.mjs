import { rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

// Inside the package, so that the program finds its dependencies.
const out = join(root, "packages/runtime/.soak");

await runSteps([
  ...setUp,
  {
    name: "compile",
    needed: true,
    action: () => run("tsc", ["-p", "packages/runtime/test", "--noEmit", "false", "--outDir", out]),
  },
  {
    name: "soak",
    show: true,
    action: () => run("node", ["--expose-gc", join(out, "test/soak/soak.js")], { show: true }),
  },
  { name: "clean up", action: async () => rmSync(out, { recursive: true }) },
]);
