import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { root } from "./root.mjs";

const page = join(root, "docs/conformance.md");
const head = "| suite | version | cases | passed |\n| --- | --- | ---: | ---: |\n";

/** Whether to write the results to the document. */
const record = process.argv.includes("--record");

/**
 * Runs a suite. With `--record`, writes the result to the table in docs/conformance.md, with 0 cases if the suite
 * throws.
 */
export async function recordSuite({ suite, version }, action) {
  if (!record) return await action();
  let result = { passed: 0, failed: 0 };
  try {
    result = await action();
    return result;
  } finally {
    writeRow(`| ${suite} | ${version} | ${result.passed + result.failed} | ${result.passed} |`);
  }
}

function writeRow(row) {
  const text = readFileSync(page, "utf8");
  const start = text.indexOf(head) + head.length;
  const end = text.indexOf("\n\n", start);
  if (start < head.length || end < 0) throw new Failure("docs/conformance.md does not contain the table of suites");
  const rows = text.slice(start, end).split("\n").filter(Boolean);
  const suiteOf = (row) => row.split(" | ")[0];
  const all = new Map([...rows, row].map((row) => [suiteOf(row), row]));
  writeFileSync(page, text.slice(0, start) + [...all.values()].join("\n") + text.slice(end));
}
