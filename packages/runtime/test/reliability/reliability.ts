// Runs the scenarios of some tables with each library, prints their rows, and writes them to a file. Run it with `npm
// run chaos`, `npm run attack` or `npm run compare`, which pass the options as JSON.
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LibraryName, libraries } from "./libraries.js";
import type { Result } from "./scenario.js";
import { tables } from "./tables.js";

interface Options {
  readonly tables: readonly string[];
  /** Only the scenarios whose names begin with this. */
  readonly only: string;
  readonly seed: number;
  /** The file for the rows. */
  readonly out: string;
}

/** A scenario that takes longer hangs, in milliseconds. */
const PATIENCE_MS = 300_000;

const options = JSON.parse(process.argv[2] ?? "{}") as Options;
const program = fileURLToPath(new URL("programs/part.js", import.meta.url));
const version = process.versions.node.split(".")[0] ?? "";

/** Runs a scenario in a process of its own. */
async function run(table: string, scenario: string, library: string): Promise<Result> {
  const child = fork(program, [table, scenario, library, String(options.seed)]);
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const exit = new Promise<string>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`)),
  );
  const result = await new Promise<Result>((resolve) => {
    child.once("message", (message) => resolve(message as Result));
    void exit.then((how) => resolve({ cells: [], problems: [`the scenario ended with ${how}`] }));
  });
  await exit;
  clearTimeout(timer);
  return result;
}

const nothing: Result = { cells: [], problems: [] };

console.log(`seed ${options.seed}`);
const written: Record<string, { readonly columns: readonly string[]; readonly rows: string[][] }> = {};
const problems: string[] = [];
for (const name of options.tables) {
  const { columns = [], scenarios = {}, compare = () => [] } = tables[name] ?? {};
  const head = ["scenario", "library", "Node", ...columns];
  const rows: string[][] = [];
  written[name] = { columns: head, rows };
  for (const scenario of Object.keys(scenarios).filter((one) => one.startsWith(options.only))) {
    const fail = (problem: string) => {
      console.log(`  FAILED: ${problem}`);
      problems.push(`${scenario}: ${problem}`);
    };
    const [ours, theirs] = libraries;
    const results: Record<LibraryName, Result> = { [ours]: nothing, [theirs]: nothing };
    for (const library of libraries) {
      const result = await run(name, scenario, library);
      results[library] = result;
      const row = [scenario, library, version, ...result.cells].map(String);
      if (result.cells.length > 0) rows.push(row);
      console.log(`\n${head.map((column, index) => `${column}: ${row[index] ?? "–"}`).join("\n  ")}`);
      for (const problem of result.problems) {
        if (library === ours) fail(problem);
        else console.log(`  not judged: ${problem}`);
      }
    }
    for (const problem of compare(results[ours], results[theirs])) fail(problem);
  }
}
if (Object.values(written).every(({ rows }) => rows.length === 0)) {
  const names = options.tables.flatMap((name) => Object.keys(tables[name]?.scenarios ?? {}));
  problems.push(`no row was measured. The scenarios are: ${names.join(", ")}`);
}
writeFileSync(options.out, JSON.stringify(written));
console.log("");
for (const problem of problems) console.log(`FAILED: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
