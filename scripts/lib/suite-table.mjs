import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

const page = join(root, "docs/conformance.md");
const begin = "| suite | version | cases | passed |\n| --- | --- | ---: | ---: |\n";

/** Writes the result of a suite into the table of docs/conformance.md, in the place of its last one. */
export function recordSuite({ suite, version, passed, failed }) {
  const text = readFileSync(page, "utf8");
  const start = text.indexOf(begin) + begin.length;
  const end = text.indexOf("\n\n", start);
  const rows = new Map(
    text
      .slice(start, end)
      .split("\n")
      .filter(Boolean)
      .map((row) => [row.split(" | ")[0], row]),
  );
  const row = `| ${suite} | ${version} | ${passed + failed} | ${passed} |`;
  rows.set(row.split(" | ")[0], row);
  writeFileSync(page, text.slice(0, start) + [...rows.values()].join("\n") + text.slice(end));
}
