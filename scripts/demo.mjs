import { join } from "node:path";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { generate, setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { demos } from "./lib/workspace.mjs";

await runSteps([
  ...setUp,
  generate,
  ...demos.map((example) => ({
    name: example,
    show: true,
    action: () => run("npm", ["run", "--silent", "demo"], { cwd: join(root, example), show: true }),
  })),
]);
