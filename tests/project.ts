import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll } from "vitest";
import { pack } from "../scripts/lib/pack.mjs";
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

/** Makes an empty folder for a project. It is removed when the tests of the file are over. */
export function makeProject(name: string): Project {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const PATH = process.env["PATH"]?.split(delimiter).filter((entry) => !entry.startsWith(root));
  const runHere = (command: string, ...args: string[]) =>
    run(command, args, { cwd: folder, env: { PATH: PATH?.join(delimiter) } });
  return {
    folder,
    run: runHere,
    async install(...more) {
      const tarballs = await Promise.all(
        ["packages/runtime", "packages/protoc-gen-grpclib-ts"].map((packageFolder) => pack(packageFolder, folder)),
      );
      await runHere("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs, ...more);
    },
  };
}
