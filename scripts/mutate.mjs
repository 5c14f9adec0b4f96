import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mutateOptions } from "./lib/mutate-options.mjs";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { runSteps } from "./lib/steps.mjs";
import { describeSurvivors } from "./lib/survivors.mjs";

const { patterns, tests, includeStatic, jobs } = mutateOptions(process.argv.slice(2));
const tools = join(root, ".tools/stryker");
// Stryker changes the sources where they are, so it gets a copy of the tree as it is committed.
const copy = join(root, ".tools/mutation");
const runtime = join(copy, "packages/runtime");
const report = join(runtime, "reports/mutation.json");

const config = {
  testRunner: "in-process",
  plugins: [join(copy, "scripts/mutation/test-runner.mjs")],
  buildCommand: `node ${join(copy, "scripts/mutation/compile.mjs")}`,
  mutate: patterns.map((pattern) => `src/${pattern}`),
  coverageAnalysis: "perTest",
  ignoreStatic: !includeStatic,
  inPlace: true,
  concurrency: jobs,
  timeoutMS: 10_000,
  // Errors of one change, such as calls that are left over, should not disturb many others.
  maxTestRunnerReuse: 100,
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { reportTests: false, reportMutants: false, reportScoreTable: true },
  jsonReporter: { fileName: report },
  tempDirName: ".stryker",
  // Stryker reads tsconfig.json through the API of TypeScript, which version 7 does not have.
  tsconfigFile: "no-tsconfig.json",
};

/** Tests that are too slow, or that start other programs. */
const excluded = ["attacks/", "calls/busy-threads", "peers/buf-curl", "peers/raw-http2-early", "platform"];

const testFiles = readdirSync(join(root, "packages/runtime/test"), { recursive: true })
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => tests.some((path) => name.startsWith(path)) && !excluded.some((path) => name.startsWith(path)))
  .map((name) => `test/${name}`)
  .sort();

await runSteps([
  {
    name: "install Stryker",
    needed: true,
    action: () =>
      run("npm", ["install", "--no-save", "--no-package-lock", "--prefix", tools, "@stryker-mutator/core@9"]),
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
    async action() {
      await run("node", [join(tools, "node_modules/@stryker-mutator/core/bin/stryker.js"), "run"], {
        cwd: runtime,
        env: { MUTATION_TESTS: testFiles.join("\n") },
        show: true,
      });
      const survivors = describeSurvivors(JSON.parse(readFileSync(report, "utf8")));
      const leftOut = join(runtime, "left-out.json");
      const count = Object.keys(JSON.parse(readFileSync(leftOut, "utf8"))).length;
      console.log(`\n${count} tests were left out. ${leftOut} says why.`);
      console.log(["", "No test fails with:", ...(survivors.length > 0 ? survivors : ["nothing"])].join("\n"));
    },
  },
]);
