import { reliabilityOptions } from "./lib/reliability-options.mjs";
import { reliabilitySteps } from "./lib/reliability-steps.mjs";
import { runSteps } from "./lib/steps.mjs";

const options = reliabilityOptions(process.argv.slice(2), {
  command: "compare",
  does: "Puts this library and grpc-js into the same difficult situations, one after the other. Takes five minutes.",
  judges: "It fails if more calls fail with this library, or if it needs longer to recover.",
});

await runSteps(reliabilitySteps("compare", ["compare"], options));
