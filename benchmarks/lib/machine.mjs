import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";

/** Describes this machine. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
  };
}

/** The installed versions of the peers and tools. */
export function describeVersions() {
  const { devDependencies } = readJson("benchmarks/package.json");
  return Object.fromEntries(
    Object.keys(devDependencies).map((name) => [
      name,
      readJson(`benchmarks/node_modules/${name}/package.json`).version,
    ]),
  );
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
