import { join } from "node:path";
import { installNode, nodeBin, nodePackage, nodeVersions } from "./lib/nodes.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { vitest } from "./lib/vitest.mjs";

/** The tests that do not watch the clock. They run two at a time. */
const untimed = [
  ...["core", "errors", "flow", "wire", "fuzz", "interceptors"],
  ...["connect", "validate", "otel", "health", "reflection"],
].map((folder) => `test/${folder}/`);

/** The arguments of vitest: for those tests first, then for all others. */
const runs = [
  ["--project=runtime", "--maxWorkers=2", ...untimed],
  ["--project=runtime", ...untimed.map((folder) => `--exclude=**/${folder}**`)],
];

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
      action: async () => {
        const total = { passed: 0, failed: 0 };
        for (const args of runs) {
          const { passed, failed } = await vitest({ node: join(nodeBin(version), "node"), args });
          total.passed += passed;
          total.failed += failed;
        }
        return total;
      },
    },
  ]),
]);
