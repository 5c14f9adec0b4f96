import { generate, setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

await runSteps([...setUp, generate]);
