import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { drawChart } from "./chart.mjs";
import { describeMachine, describeVersions } from "./machine.mjs";
import { writePage } from "./page.mjs";

const file = join(root, "benchmarks/results.json");

/** Writes the results of all rows: as JSON, as a chart, and as the tables of docs/performance.md. */
export function writeResults(rows) {
  const results = {
    measured: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: describeVersions(),
    rows,
  };
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
  writeFileSync(join(root, "docs/performance.svg"), drawChart(results));
  writePage(results);
}

/** Puts the results of rows that were measured again into the place of those that were written before. */
export function updateResults(rows) {
  const measured = rows.filter(({ notMeasured }) => notMeasured === undefined);
  const again = (row) => measured.find(({ name, node }) => name === row.name && node === row.node);
  writeResults(JSON.parse(readFileSync(file, "utf8")).rows.map((row) => again(row) ?? row));
}

/** More digits than a measurement has would only be noise in the file. */
function rounded(_key, value) {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}
