import { setUp } from "./lib/set-up.mjs";
import { site } from "./lib/site.mjs";
import { runSteps } from "./lib/steps.mjs";

await runSteps([...setUp, ...site]);
