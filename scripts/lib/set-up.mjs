import { rmSync } from "node:fs";
import { join } from "node:path";
import { pnpm } from "./pnpm.mjs";
import { root } from "./root.mjs";
import { run } from "./run.mjs";
import { generatedIn, packages } from "./workspace.mjs";

/**
 * The steps that every root script begins with. A run of several scripts, such as .ci/run, does them once: it runs
 * `npm run build`, and sets SET_UP=done for the others.
 */
export const setUp =
  process.env.SET_UP === "done"
    ? []
    : [
        { name: "install", needed: true, action: install },
        { name: "build", needed: true, action: build },
      ];

/** Generates the code that is committed. */
export const generate = {
  name: "generate",
  needed: true,
  action: () => Promise.all(generatedIn.map((folder) => run("buf", ["generate"], { cwd: join(root, folder) }))),
};

function install() {
  // CI: never ask whether an outdated node_modules may go.
  return pnpm(["install", "--frozen-lockfile"], { env: { CI: "true" } });
}

async function build() {
  for (const folder of packages) {
    // tsc leaves what it wrote for a source file that is gone, and the package would ship it.
    rmSync(join(root, folder, "dist"), { recursive: true, force: true });
    await run("npm", ["run", "build"], { cwd: join(root, folder) });
  }
}
