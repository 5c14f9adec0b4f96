import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { recordRows } from "./recorded-table.mjs";
import { root } from "./root.mjs";
import { run } from "./run.mjs";
import { setUp } from "./set-up.mjs";

const page = "docs/reliability.md";
/** The scenario, the library, and the version of Node. */
const keyCells = 3;

/** The steps that run the scenarios of some tables of docs/reliability.md. */
export function reliabilitySteps(name, tables, { record, ...options }) {
  // Inside the package, so that the programs find their dependencies.
  const folder = join(root, "packages/runtime/.programs", name);
  const out = join(folder, "rows.json");
  const program = join(folder, "test/reliability/reliability.js");
  return [
    ...setUp,
    {
      name: "compile",
      needed: true,
      action: () => run("tsc", ["-p", "packages/runtime/test/reliability", "--outDir", folder]),
    },
    {
      name,
      show: true,
      action: () => run("node", [program, JSON.stringify({ ...options, tables, out })], { show: true }),
    },
    ...(record ? [{ name: "record", action: async () => recordTables(out) }] : []),
    { name: "clean up", action: async () => rmSync(folder, { recursive: true }) },
  ];
}

/** Writes the tables in a file of results to the page. */
function recordTables(out) {
  const tables = existsSync(out) ? JSON.parse(readFileSync(out, "utf8")) : {};
  for (const { columns, rows } of Object.values(tables)) {
    const head = `${line(columns)}\n${line(columns.map((_, index) => (index < keyCells ? "---" : "---:")))}\n`;
    if (rows.length > 0) recordRows({ page, head, keyCells }, rows.map(line));
  }
}

function line(cells) {
  return `| ${cells.join(" | ")} |`;
}
