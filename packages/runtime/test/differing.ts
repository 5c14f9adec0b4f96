import { basename } from "node:path";
import { beforeEach } from "vitest";

/** Tests of calls that fail over a transport, and why. */
export interface Difference {
  /** The name of the file in `test/calls`. */
  readonly file: string;
  /** The tests: their full names match. */
  readonly tests: RegExp;
  /** What is different. docs/transports.md shows it. */
  readonly reason: string;
  /** Set if only the test is different, and nothing that users observe: docs/transports.md does not show it. */
  readonly onlyTheTest?: boolean;
  /** Set for tests that wait for what does not come, or that are about milliseconds. They are not run. */
  readonly notRun?: boolean;
}

/** Expects tests whose difference is listed to fail: a list that is out of date is a failure, too. */
export function expectDifferences(differences: readonly Difference[]): void {
  beforeEach(({ task, skip }) => {
    const file = basename(task.file.name, ".test.ts");
    const difference = differences.find((listed) => listed.file === file && listed.tests.test(task.fullTestName));
    if (difference === undefined) return;
    if (difference.notRun === true) skip(difference.reason);
    (task as { fails?: boolean }).fails = true;
  });
}
