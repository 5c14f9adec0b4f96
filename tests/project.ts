import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { packAll } from "../scripts/lib/pack.mjs";
import { pnpm } from "../scripts/lib/pnpm.mjs";
import { pathOutside, run } from "../scripts/lib/run.mjs";

/** A project outside of this repository. It does not see this repository's tools. */
export interface Project {
  readonly folder: string;
  /** Runs a command in the project and resolves to its output. */
  run(command: string, ...args: string[]): Promise<string>;
  /** Installs this repository's packages as they would be published, the dependencies in package.json, and `more`. */
  install(...more: string[]): Promise<void>;
}

export interface ProjectOptions {
  /** What installs packages. It determines the layout of node_modules. Default: npm. */
  readonly packageManager?: keyof typeof installers;
  /** Additional environment variables for the commands of run(). */
  readonly env?: Readonly<Record<string, string>>;
}

/** Install packages with each package manager. `options` are those of `run`. */
const installers = {
  npm: (packages: string[], options: object) =>
    run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages], options),
  pnpm: (packages: string[], options: object) => pnpm(["add", "--prefer-offline", ...packages], options),
};

/** Makes an empty folder for a project. It is removed after the tests of the file. */
export function makeProject(name: string, { packageManager = "npm", env = {} }: ProjectOptions = {}): Project {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const here = { cwd: folder, env: { PATH: pathOutside } };
  return {
    folder,
    run: (command, ...args) => run(command, args, { cwd: folder, env: { ...here.env, ...env } }),
    async install(...more) {
      await installers[packageManager]([...(await packAll(folder)).values(), ...more], here);
    },
  };
}
