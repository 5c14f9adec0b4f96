import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { checkJava } from "../interop/grpc-java.mjs";
import { go } from "../lib/go.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

/*
 * Roots of .proto files, in packages that their authors publish. A root has
 *
 * - `fetch`: an async function that downloads the package, unless that has been done, and resolves to its folder
 * - `needs`: the name of the tool that downloads it, see `tools`
 * - `folder`: the path of the root in the package. Default: the package itself
 * - `as`: the path in front of the names of the files. Default: none
 * - `within`: the folder of the root with the services to test. Default: all of it
 */

const downloads = join(root, ".tools/corpora");

/** The tools that not every machine has, and functions that throw a Failure if they are missing. */
export const tools = { go: () => go(["version"]), java: checkJava };

/** A root in a Go module, such as `k8s.io/cri-api@v0.37.2`. */
export function goModule(name, place = {}) {
  const fetch = async () => JSON.parse(await go(["mod", "download", "-json", name])).Dir;
  return { ...place, needs: "go", fetch };
}

/** A root in an npm package, such as `@flyteorg/flyteidl@1.16.5`. */
export function npmPackage(name, place = {}) {
  const prefix = join(downloads, "npm", name.replaceAll("/", "+"));
  const folder = join(prefix, "node_modules", name.slice(0, name.lastIndexOf("@")));
  const options = ["--no-save", "--no-package-lock", "--ignore-scripts", "--omit=peer", "--prefix", prefix];
  const fetch = async () => {
    if (!existsSync(folder)) await run("npm", ["install", ...options, name]);
    return folder;
  };
  return { ...place, fetch };
}

/** A root in a Maven artifact, such as `io.grpc:grpc-services:1.85.1`. */
export function mavenArtifact(name, place = {}) {
  const folder = join(downloads, "maven", name.replaceAll(":", "+"));
  const options = [`-Dartifact=${name}`, `-DoutputDirectory=${folder}`, "-Dmdep.unpack.includes=**/*.proto"];
  const fetch = async () => {
    if (existsSync(folder)) return folder;
    mkdirSync(downloads, { recursive: true });
    // Maven leaves a folder where it runs.
    await run("mvn", ["--quiet", "--batch-mode", "dependency:unpack", ...options], { cwd: downloads });
    return folder;
  };
  return { ...place, needs: "java", fetch };
}

/** A root in a package that this repository installs. */
export function installedPackage(path, place = {}) {
  return { ...place, fetch: async () => join(root, path) };
}
