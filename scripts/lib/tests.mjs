import { vitest } from "./vitest.mjs";

/**
 * Tests of the runtime that do not watch the clock, and run two at a time: folders, which no other project has, and a
 * file.
 */
const untimed = [
  ...["connect", "core", "errors", "fake", "flow", "fuzz", "health", "interceptors", "otel", "reflection", "snapshots"],
  ...["testing", "validate", "wire"],
]
  .map((folder) => `test/${folder}/`)
  .concat("test/attacks/unfinished-headers");

/** The arguments of vitest: for those tests first, then for all others. */
const runs = [["--project=runtime", "--maxWorkers=2", ...untimed], untimed.map((path) => `--exclude=**/${path}**`)];

/** Runs tests as `vitest()` does, those of the runtime that do not watch the clock first. */
export async function tests({ node, args = [] } = {}) {
  const total = { passed: 0, failed: 0 };
  for (const run of runs) {
    const { passed, failed } = await vitest({ node, args: [...args, ...run] });
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}
