import { rmSync } from "node:fs";
import { join } from "node:path";
import { pnpm } from "./pnpm.mjs";
import { root } from "./root.mjs";
import { run } from "./run.mjs";
import { generatedIn, packages } from "./workspace.mjs";

/**
 * The first steps of every root script. To run several scripts with a single set-up, as .ci/run does, run
 * `npm run build` and set SET_UP=done for the others.
 */
export const setUp =
  process.env.SET_UP === "done"
    ? []
    : [
        { name: "install", needed: true, action: install },
        { name: "build", needed: true, action: build },
      ];

/** Generates all committed code. */
export const generate = {
  name: "generate",
  needed: true,
  action: () => Promise.all(generatedIn.map((folder) => run("buf", ["generate"], { cwd: join(root, folder) }))),
};

function install() {
  // With CI=true, pnpm does not ask before it replaces an outdated node_modules.
  return pnpm(["install", "--frozen-lockfile"], { env: { CI: "true" } });
}

async function build() {
  for (const folder of packages) {
    // tsc does not delete the output of removed source files, which would then be published.
    rmSync(join(root, folder, "dist"), { recursive: true, force: true });
    await run("npm", ["run", "build"], { cwd: join(root, folder) });
  }
}
