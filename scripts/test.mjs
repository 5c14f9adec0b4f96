import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { generate, setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { examples, packages } from "./lib/workspace.mjs";

// The build checks the packages' sources.
const projects = [...packages.map((folder) => `${folder}/test`), ...examples, "tests"].filter((folder) =>
  existsSync(join(root, folder, "tsconfig.json")),
);

await runSteps([
  ...setUp,
  generate,
  ...projects.map((folder) => ({
    name: `types of ${folder}`,
    action: () => run("tsc", ["--noEmit", "-p", folder]),
  })),
  { name: "tests", show: true, action: vitest },
]);

/** Runs all tests, and counts them by vitest's own report. */
async function vitest() {
  const directory = mkdtempSync(join(tmpdir(), "vitest-"));
  const report = join(directory, "report.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const succeeded = await run("vitest", args, { show: true }).then(
    () => true,
    () => false,
  );
  const { numPassedTests, numFailedTests } = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : {};
  rmSync(directory, { recursive: true });
  // A file that does not load and a rejection that nobody handled are failures without a failed test.
  const failed = succeeded ? 0 : Math.max(numFailedTests ?? 0, 1);
  return { passed: numPassedTests ?? 0, failed };
}
