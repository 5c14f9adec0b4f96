import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { drawChart } from "./chart.mjs";
import { describeMachine, describeVersions } from "./machine.mjs";
import { writePage } from "./page.mjs";

/** Writes the results of all rows: as JSON, as a chart, and as the tables of docs/performance.md. */
export function writeResults(rows) {
  const results = {
    measured: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: describeVersions(),
    rows,
  };
  writeFileSync(join(root, "benchmarks/results.json"), `${JSON.stringify(results, rounded, 2)}\n`);
  writeFileSync(join(root, "docs/performance.svg"), drawChart(results));
  writePage(results);
}

/** More digits than a measurement has would only be noise in the file. */
function rounded(_key, value) {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}
