import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../scripts/lib/root.mjs";

const name = "@bufbuild/protobuf";
const runtime = join(root, "packages/runtime");

/** A version of @bufbuild/protobuf for a project. */
export interface Protobuf {
  readonly version: string;
  /** For the titles of tests: the version, and why it is this one. */
  readonly title: string;
  /** What to tell a package manager. */
  readonly dependency: string;
}

/** The oldest that the runtime takes. No other test runs the runtime with it. */
export const oldestProtobuf: Protobuf = makeProtobuf(oldestForRuntime(), "the oldest for the runtime");

/** The one that this repository is built and tested with. */
export const ownProtobuf: Protobuf = makeProtobuf(installedProtobuf(runtime), "as in this repository");

/** The version of @bufbuild/protobuf that the package in a folder finds, by itself or through a symbolic link. */
export function installedProtobuf(folder: string): string {
  const places = createRequire(join(realpathSync(folder), "package.json")).resolve.paths(name) ?? [];
  const found = places.map((place) => join(place, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${folder} finds no ${name}`);
  return readPackage(found).version;
}

function oldestForRuntime(): string {
  const range: string = readPackage(runtime).peerDependencies[name];
  const oldest = /^\^(\d+\.\d+\.\d+)$/.exec(range)?.[1];
  if (oldest === undefined) throw new Error(`Which version of ${name} is the oldest in ${range}?`);
  return oldest;
}

function makeProtobuf(version: string, why: string): Protobuf {
  return { version, title: `${name} ${version}, ${why}`, dependency: `${name}@${version}` };
}

function readPackage(folder: string) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
