import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./root.mjs";
import { run } from "./run.mjs";

/** Runs tests, and counts them by vitest's own report. Options: `node`, the program to run it with, and more arguments. */
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
  // A file that does not load and a rejection that nobody handled are failures without a failed test.
  const failed = succeeded ? 0 : Math.max(numFailedTests ?? 0, 1);
  return { passed: numPassedTests ?? 0, failed };
}
