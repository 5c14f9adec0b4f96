import { reliabilityOptions } from "./lib/reliability-options.mjs";
import { reliabilitySteps } from "./lib/reliability-steps.mjs";
import { runSteps } from "./lib/steps.mjs";

const options = reliabilityOptions(process.argv.slice(2), {
  command: "chaos",
  does: "Breaks connections, servers and paths under load, and counts what becomes of the calls. Takes ten minutes.",
});

await runSteps(reliabilitySteps("chaos", ["chaos", "overload"], options));
