import { join } from "node:path";
import { installNode, nodeBin, nodePackage, nodeVersions } from "./lib/nodes.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { vitest } from "./lib/vitest.mjs";

// Runs the runtime's tests on other supported versions of Node, because node:http2 differs between them.
await runSteps([
  ...setUp,
  ...nodeVersions.flatMap((version) => [
    {
      name: `install Node ${version}`,
      needed: true,
      action: () => installNode(version),
      hint: `it comes with the npm package ${nodePackage}, which may not exist for this platform`,
    },
    {
      name: `the runtime on Node ${version}`,
      show: true,
      action: () => vitest({ node: join(nodeBin(version), "node"), args: ["--project=runtime"] }),
    },
  ]),
]);
