import { generate, setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { vitest } from "./lib/vitest.mjs";

// Generates code for .proto files that are too large for `npm test`, and checks its types.
await runSteps([
  ...setUp,
  generate,
  { name: "corpora", show: true, action: () => vitest({ args: ["--project=corpora"] }) },
]);
