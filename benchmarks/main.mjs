// Runs the benchmarks. The repository must be built: `npm run bench` does that first. --help lists the options.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../scripts/lib/root.mjs";
import { NotMeasured } from "./lib/not-measured.mjs";
import { parseOptions, refuse } from "./lib/options.mjs";
import { printRow } from "./lib/print.mjs";
import { printProfiles } from "./lib/profile.mjs";
import { reasonNotToUpdate, updateResults, writeResults } from "./lib/results.mjs";
import { checkTarget } from "./lib/targets.mjs";
import { rowsAgainst } from "./rows/against.mjs";
import { rows as allRows } from "./rows/all.mjs";

const options = parseOptions(process.argv.slice(2));
const nodes = (options.node ?? [process.execPath]).map((path) => ({ path, version: versionOf(path) }));
const rows = options.against === undefined ? allRows : rowsAgainst(options.against);
const selected = rows.filter(
  ({ name, slow, thorough }) => options.only.test(name) && (!slow || options.full) && (!thorough || !options.quick),
);
if (selected.length === 0) {
  refuse(`No row matches ${options.only}. The rows are:\n${rows.map(({ name }) => `  ${name}`).join("\n")}`);
}
const replacesAll = options.all;
const reason = options.record && !replacesAll ? reasonNotToUpdate(nodes.map(({ version }) => version)) : undefined;
if (reason !== undefined) {
  refuse(`The last results cannot be updated: ${reason}. Leave out --only to replace them all.`);
}
const effort = options.quick
  ? { quick: true, starts: 1, runs: 3, warmUp: 1, seconds: 0.5, scale: 0.2 }
  : { quick: false, starts: 3, runs: 7, warmUp: 3, seconds: 1, scale: 1 };

if (options.runs !== undefined) effort.runs = options.runs;
// A second generation of processes would overwrite the profiles of the first.
if (options.profile) effort.starts = 1;

const results = [];
for (const [i, { path, version }] of nodes.entries()) {
  for (const row of selected) {
    if (i > 0 && !row.onEachNode) continue;
    process.stdout.write(`\n${row.name}, Node ${version} `);
    const result = { name: row.name, node: version, unit: row.unit, ...(await measure(row, path)) };
    printRow(result);
    results.push(result);
  }
}
if (options.record) (replacesAll ? writeResults : updateResults)(results);

const targets = results.flatMap((result) => result.targets);
const missed = targets.filter(({ met }) => !met).length;
const notMeasured = results.filter((result) => result.notMeasured !== undefined).length;
console.log(`\n${targets.length - missed} targets met, ${missed} missed, ${notMeasured} rows not measured`);

function versionOf(node) {
  try {
    return execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  } catch (error) {
    return refuse(`--node takes the path of a Node executable: ${error.message}`);
  }
}

async function measure(row, node) {
  // Inside the repository, so that its tools are found.
  const folder = mkdtempSync(join(root, "benchmarks/.work-"));
  const profiles = options.profile ? join(folder, "profiles") : undefined;
  if (profiles !== undefined) mkdirSync(profiles);
  try {
    const figures = await row.measure({ ...effort, node, folder, profiles });
    if (profiles !== undefined) printProfiles(profiles);
    return { figures, targets: row.targets.map((target) => checkTarget(target, figures)) };
  } catch (error) {
    // Continue, so that the results of the other rows are not lost.
    if (!(error instanceof NotMeasured)) {
      console.error(error);
      process.exitCode = 1;
    }
    return { figures: {}, targets: [], notMeasured: error.message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
