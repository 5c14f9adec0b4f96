import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll } from "vitest";
import { pack } from "../scripts/lib/pack.mjs";
import { pnpm } from "../scripts/lib/pnpm.mjs";
import { root } from "../scripts/lib/root.mjs";
import { run } from "../scripts/lib/run.mjs";

/** A project outside of this repository. It has its own tools and none of this repository. */
export interface Project {
  readonly folder: string;
  /** Runs a command in it, and resolves to what that printed. */
  run(command: string, ...args: string[]): Promise<string>;
  /** Installs the packages of this repository as they would be published, and what package.json lists. */
  install(...more: string[]): Promise<void>;
}

export interface ProjectOptions {
  /** What installs packages, and so how node_modules is laid out. Default: npm. */
  readonly packageManager?: keyof typeof installers;
  /** Variables for what run() runs, on top of this process' own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How the package managers add packages. Called like `run`, without the command. */
const installers = {
  npm: (packages: string[], options: object) =>
    run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages], options),
  pnpm: (packages: string[], options: object) => pnpm(["add", "--prefer-offline", ...packages], options),
};

/** Makes an empty folder for a project. It is removed when the tests of the file are over. */
export function makeProject(name: string, { packageManager = "npm", env = {} }: ProjectOptions = {}): Project {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const PATH = process.env["PATH"]?.split(delimiter).filter((entry) => !entry.startsWith(root));
  const here = { cwd: folder, env: { PATH: PATH?.join(delimiter) } };
  return {
    folder,
    run: (command, ...args) => run(command, args, { cwd: folder, env: { ...here.env, ...env } }),
    async install(...more) {
      const tarballs = await Promise.all(
        ["packages/runtime", "packages/protoc-gen-grpclib-ts"].map((packageFolder) => pack(packageFolder, folder)),
      );
      await installers[packageManager]([...tarballs, ...more], here);
    },
  };
}
