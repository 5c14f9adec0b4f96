import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { drawChart } from "./chart.mjs";
import { describeMachine, describeVersions } from "./machine.mjs";
import { writePages } from "./page.mjs";

const file = join(root, "benchmarks/results.json");

/** Writes the results of all rows as JSON, as a chart and as tables. */
export function writeResults(rows) {
  const results = {
    measured: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: describeVersions(),
    rows,
  };
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
  writeFileSync(join(root, "docs/performance.svg"), drawChart(results));
  writePages(results);
}

/** Replaces the results of the given rows, and keeps the last results of all others. */
export function updateResults(rows) {
  const measured = rows.filter(({ notMeasured }) => notMeasured === undefined);
  const isSame = (a) => (b) => a.name === b.name && a.node === b.node;
  const last = readResults().rows;
  const added = measured.filter((row) => !last.some(isSame(row)));
  writeResults([...last.map((row) => measured.find(isSame(row)) ?? row), ...added]);
}

/** The reason why new results for these versions of Node cannot be combined with the last ones, or `undefined`. */
export function reasonNotToUpdate(nodeVersions) {
  const { machine, versions, rows } = readResults();
  const differ = (a, b) => JSON.stringify(a) !== JSON.stringify(b);
  if (differ(machine, describeMachine())) return "they were measured on another machine";
  if (differ(versions, describeVersions())) return "they were measured with other versions of the peers";
  const other = nodeVersions.find((version) => !rows.some(({ node }) => node === version));
  return other === undefined ? undefined : `they were not measured on Node ${other}`;
}

function readResults() {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Rounds to five digits, because the measurements are not more precise. */
function rounded(_key, value) {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}
