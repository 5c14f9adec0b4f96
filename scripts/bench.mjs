import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

await runSteps([
  ...setUp,
  { name: "error contracts", show: true, action: () => run("node", ["benchmarks/contracts.mjs"], { show: true }) },
]);
