// What error contracts cost: a service of 200 methods with 6 errors each, beside the same one without any.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../scripts/lib/root.mjs";
import { makeContractProject } from "./lib/contract-project.mjs";
import { interleave, median, spread } from "./lib/figures.mjs";

const runs = 7;
const methods = 200;

// Inside of the repository, so that its tools are found.
const folder = mkdtempSync(join(root, "benchmarks/.work-"));
try {
  const bare = await makeContractProject(join(folder, "bare"), { methods, contracts: false });
  const declaring = await makeContractProject(join(folder, "declaring"), { methods, contracts: true });
  await compare("buf generate", { without: bare.generate, with: declaring.generate });
  await compare("tsc", { without: bare.typeCheck, with: declaring.typeCheck });
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(what, subjects) {
  process.stdout.write(`${what} `);
  const figures = await interleave(Object.fromEntries(Object.entries(subjects).map(timed)), { runs });
  for (const [name, seconds] of Object.entries(figures)) {
    const [min, max] = spread(seconds).map((figure) => figure.toFixed(2));
    console.log(`  ${name.padEnd(7)} ${median(seconds).toFixed(2)} s  (${min} to ${max})`);
  }
  console.log(`  ratio   ${(median(figures.with) / median(figures.without)).toFixed(2)}`);
}

function timed([name, subject]) {
  const measure = async () => {
    const start = performance.now();
    await subject();
    return (performance.now() - start) / 1000;
  };
  return [name, measure];
}
