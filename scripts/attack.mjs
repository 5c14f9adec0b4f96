import { reliabilityOptions } from "./lib/reliability-options.mjs";
import { reliabilitySteps } from "./lib/reliability-steps.mjs";
import { runSteps } from "./lib/steps.mjs";

const options = reliabilityOptions(process.argv.slice(2), {
  command: "attack",
  does: "Attacks servers with frames while a bystander makes calls. Takes five minutes.",
});

await runSteps(reliabilitySteps("attack", ["attack"], options));
