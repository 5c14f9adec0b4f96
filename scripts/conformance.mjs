import { generateSuite, installSuite, runSuite, suitesOf } from "./lib/connectconformance.mjs";
import { go } from "./lib/go.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

// To investigate a failure: npm run conformance -- --mode client --run '**/pattern' --trace
// To write the results to docs/conformance.md: npm run conformance -- --record
const options = process.argv.slice(2).filter((option) => option !== "--record");
const mode = options.indexOf("--mode");
const names = suitesOf(mode < 0 ? undefined : options[mode + 1]);

await runSteps([
  { name: "go", needed: true, action: () => go(["version"]) },
  ...setUp,
  { name: "install the suite", needed: true, action: installSuite },
  { name: "generate", needed: true, action: generateSuite },
  { name: "compile", needed: true, action: () => run("tsc", ["-p", "conformance"]) },
  // "npm run check" runs without the generated code, and so without its types: it cannot detect promises here.
  { name: "promises", needed: true, action: () => run("oxlint", ["conformance"]) },
  ...names.map((name) => ({ name: `conformance of the ${name}`, show: true, action: () => runSuite(name, options) })),
]);
