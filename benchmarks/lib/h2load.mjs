import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { run } from "../../scripts/lib/run.mjs";
import { NotMeasured } from "./not-measured.mjs";

const folder = join(root, ".tools/h2load");

/** Finds h2load, or downloads and unpacks it with apt-get. Resolves to a function that runs it. */
export async function findH2load() {
  if (await works(installed)) return installed;
  try {
    if (!existsSync(join(folder, "root"))) await unpack();
    await unpacked(["--version"]);
    return unpacked;
  } catch (cause) {
    throw new NotMeasured("h2load was not found. On Debian and Ubuntu, install the package nghttp2-client.", { cause });
  }
}

function installed(args) {
  return run("h2load", args);
}

function unpacked(args) {
  const libraries = join(folder, "root/usr/lib");
  const paths = readdirSync(libraries).map((name) => join(libraries, name));
  return run(join(folder, "root/usr/bin/h2load"), args, { env: { LD_LIBRARY_PATH: paths.join(":") } });
}

async function works(h2load) {
  return await h2load(["--version"]).then(
    () => true,
    () => false,
  );
}

/** Downloads and unpacks the package and those of its dependencies that are not installed. */
async function unpack() {
  mkdirSync(folder, { recursive: true });
  const only = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map((kind) => `--no-${kind}`);
  const tree = await run("apt-cache", ["depends", "--recurse", ...only, "nghttp2-client"]);
  for (const [name] of tree.matchAll(/^[\w.+-]+$/gm)) {
    const present = await run("dpkg-query", ["--show", name]).catch(() => undefined);
    if (present === undefined) await run("apt-get", ["download", name], { cwd: folder });
  }
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".deb"))) {
    await run("dpkg", ["-x", name, "root"], { cwd: folder });
  }
}
