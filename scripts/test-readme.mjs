import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { outputsOf, read } from "./lib/documents.mjs";
import { Failure } from "./lib/failure.mjs";
import { installNode, nodeBin, nodePackage, nodeVersions, oldestNode } from "./lib/nodes.mjs";
import { packAll } from "./lib/pack.mjs";
import { installPackageManager, packageManagerBin, packageManagers } from "./lib/package-managers.mjs";
import { followReadme } from "./lib/readme.mjs";
import { pathOutside } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

// Follows the README from an empty folder to the first typed error, with every package manager and on every supported
// version of Node. `npm test` does so with npm, and on the Node that runs it.
const versions = [oldestNode, ...nodeVersions];
const work = mkdtempSync(join(tmpdir(), "readme-"));
let tarballs;

await runSteps([
  ...setUp,
  {
    name: "install package managers",
    needed: true,
    action: () => Promise.all(packageManagers.map(installPackageManager)),
  },
  ...versions.map((version) => ({
    name: `install Node ${version}`,
    needed: true,
    action: () => installNode(version),
    hint: `it comes with the npm package ${nodePackage}, which may not exist for this platform`,
  })),
  {
    name: "pack",
    needed: true,
    action: async () => {
      tarballs = await packAll(work);
    },
  },
  ...versions.flatMap((version) =>
    packageManagers.map((packageManager) => ({
      name: `the README with ${packageManager.from} on Node ${version}`,
      action: () => follow(packageManager, version),
    })),
  ),
]);
rmSync(work, { recursive: true });

async function follow(packageManager, version) {
  const folder = join(work, `${packageManager.from.replaceAll(/\W+/g, "-")}-node-${version}`);
  mkdirSync(folder);
  const path = [nodeBin(version), packageManagerBin(packageManager), pathOutside].join(delimiter);
  const printed = await followReadme(folder, { packageManager: packageManager.name, tarballs, path });
  const expected = outputsOf(read("README.md")).get("main");
  if (printed !== expected) throw new Failure(`It printed\n${printed}\ninstead of\n${expected}`);
}
