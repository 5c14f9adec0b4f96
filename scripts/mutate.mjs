import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mutateOptions } from "./lib/mutate-options.mjs";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { runSteps } from "./lib/steps.mjs";

const { patterns } = mutateOptions(process.argv.slice(2));
const tools = join(root, ".tools/stryker");
// Stryker changes the sources where they are, so it gets a copy of the tree as it is committed.
const copy = join(root, ".tools/mutation");
const runtime = join(copy, "packages/runtime");

const config = {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  mutate: patterns.map((pattern) => `src/${pattern}`),
  coverageAnalysis: "perTest",
  // Such a mutant takes a whole run of the tests, since it is there before the first one starts.
  ignoreStatic: true,
  inPlace: true,
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { logTests: false, reportTests: false, reportScoreTable: true },
  tempDirName: ".stryker",
  // Stryker reads tsconfig.json through the API of TypeScript, which version 7 does not have.
  tsconfigFile: "no-tsconfig.json",
};

await runSteps([
  {
    name: "install Stryker",
    needed: true,
    action: () =>
      run("npm", [
        ...["install", "--no-save", "--no-package-lock", "--prefix", tools],
        ...["@stryker-mutator/core@9", "@stryker-mutator/vitest-runner@9", "vitest@4"],
      ]),
  },
  {
    name: "copy",
    needed: true,
    async action() {
      if (existsSync(copy)) rmSync(copy, { recursive: true });
      await run("git", ["clone", "--quiet", root, copy]);
      await run("npm", ["run", "build"], { cwd: copy });
      writeFileSync(join(runtime, "stryker.config.json"), JSON.stringify(config, undefined, 2));
    },
  },
  {
    name: "mutation tests",
    show: true,
    action: () =>
      run("node", [join(tools, "node_modules/@stryker-mutator/core/bin/stryker.js"), "run"], {
        cwd: runtime,
        show: true,
      }),
  },
]);
