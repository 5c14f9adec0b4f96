import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../scripts/lib/root.mjs";

const name = "@bufbuild/protobuf";
const runtime = join(root, "packages/runtime");

/** A version of @bufbuild/protobuf for a project. */
export interface Protobuf {
  readonly version: string;
  /** For test titles: the package, the version, and why this version is used. */
  readonly title: string;
  /** The dependency as a package manager takes it, such as `name@1.2.3`. */
  readonly dependency: string;
}

/** The oldest version that the runtime supports. Only the tests in this folder run the runtime with it. */
export const oldestProtobuf: Protobuf = makeProtobuf(oldestForRuntime(), "the oldest that the runtime supports");

/** The newest version of each minor release that the runtime supports, from the oldest to that of this repository. */
export function supportedProtobufs(): readonly Protobuf[] {
  const [[major, oldest = 0] = [], [, newest = 0] = []] = [oldestForRuntime(), installedProtobuf(runtime)].map(
    (version) => version.split(".").map(Number),
  );
  const minors = Array.from({ length: newest - oldest + 1 }, (_, i) => `${major}.${oldest + i}`);
  return minors.map((minor) => ({ ...makeProtobuf(`${minor}.0`, "supported"), dependency: `${name}@~${minor}.0` }));
}

/** The version that this repository is built and tested with. */
export const ownProtobuf: Protobuf = makeProtobuf(installedProtobuf(runtime), "as in this repository");

/** The version of @bufbuild/protobuf that the package in a folder resolves. Follows symbolic links. */
export function installedProtobuf(folder: string): string {
  const places = createRequire(join(realpathSync(folder), "package.json")).resolve.paths(name) ?? [];
  const found = places.map((place) => join(place, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} cannot be found from ${folder}`);
  return readPackage(found).version;
}

function oldestForRuntime(): string {
  const range: string = readPackage(runtime).peerDependencies[name];
  const oldest = /^\^(\d+\.\d+\.\d+)$/.exec(range)?.[1];
  if (oldest === undefined) throw new Error(`Expected a range like ^1.2.3 for ${name}, got ${range}`);
  return oldest;
}

function makeProtobuf(version: string, why: string): Protobuf {
  return { version, title: `${name} ${version}, ${why}`, dependency: `${name}@${version}` };
}

function readPackage(folder: string) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
