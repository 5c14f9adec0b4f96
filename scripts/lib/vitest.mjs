import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./root.mjs";
import { run } from "./run.mjs";

/**
 * Runs the tests, and resolves to the counts in vitest's report. Options: `node`, the path of the Node to run vitest
 * with, and `args`, more arguments.
 */
export async function vitest({ node = process.execPath, args = [] } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "vitest-"));
  const report = join(directory, "report.json");
  const program = join(root, "node_modules/vitest/vitest.mjs");
  const succeeded = await run(
    node,
    [program, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
    { show: true },
  ).then(
    () => true,
    () => false,
  );
  const { numPassedTests, numFailedTests } = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : {};
  rmSync(directory, { recursive: true });
  // vitest also fails, without a failed test, if a file does not load or a rejection is not handled.
  const failed = succeeded ? 0 : Math.max(numFailedTests ?? 0, 1);
  return { passed: numPassedTests ?? 0, failed };
}
