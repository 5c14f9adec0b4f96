import { recordRows } from "./recorded-table.mjs";

const table = {
  page: "docs/conformance.md",
  head: "| suite | version | cases | passed |\n| --- | --- | ---: | ---: |\n",
  keyCells: 1,
};

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
    recordRows(table, [`| ${suite} | ${version} | ${result.passed + result.failed} | ${result.passed} |`]);
  }
}
