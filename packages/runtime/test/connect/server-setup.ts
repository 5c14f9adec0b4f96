import { basename } from "node:path";
import { beforeEach } from "vitest";
import { serverDifferences } from "./server-differences.js";

// A test whose difference is listed must fail: a list that is out of date is a failure, too.
beforeEach(({ task, skip }) => {
  const file = basename(task.file.name, ".test.ts");
  const name = task.fullTestName.replace(/^.*? > /, "");
  const difference = serverDifferences.find((listed) => listed.file === file && listed.tests.test(name));
  if (difference === undefined) return;
  if (difference.notRun === true) skip(difference.reason);
  (task as { fails?: boolean }).fails = true;
});
