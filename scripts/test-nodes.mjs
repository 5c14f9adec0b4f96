import { join } from "node:path";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { vitest } from "./lib/vitest.mjs";

// Runs the runtime's tests on other supported versions of Node, because node:http2 differs between them.
const versions = [22, 24, 26];

await runSteps([
  ...setUp,
  ...versions.flatMap((version) => {
    const folder = join(root, ".tools", `node-${version}`);
    const name = `node-${process.platform}-${process.arch}`;
    return [
      {
        name: `install Node ${version}`,
        needed: true,
        action: () =>
          run("npm", ["install", "--no-save", "--no-package-lock", "--prefix", folder, `${name}@${version}`]),
        hint: `it comes with the npm package ${name}, which may not exist for this platform`,
      },
      {
        name: `the runtime on Node ${version}`,
        show: true,
        action: () => vitest({ node: join(folder, "node_modules", name, "bin", "node"), args: ["--project=runtime"] }),
      },
    ];
  }),
]);
