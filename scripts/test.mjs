import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { generate, setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { vitest } from "./lib/vitest.mjs";
import { examples, packages } from "./lib/workspace.mjs";

// The projects whose types to check. The build checks the sources of the packages.
const projects = [...packages.map((folder) => `${folder}/test`), ...examples, "tests", "runtimes"].filter((folder) =>
  existsSync(join(root, folder, "tsconfig.json")),
);

await runSteps([
  ...setUp,
  generate,
  ...projects.map((folder) => ({
    name: `types of ${folder}`,
    action: () => run("tsc", ["--noEmit", "-p", folder]),
  })),
  { name: "tests", show: true, action: () => vitest() },
]);
