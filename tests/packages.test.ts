import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pack } from "../scripts/lib/pack.mjs";
import { root } from "../scripts/lib/root.mjs";
import { run } from "../scripts/lib/run.mjs";
import { makeProject } from "./project.js";

// The packages as they would be published.

const packages = [
  {
    folder: "packages/runtime",
    // Everything in the package is one of these, or inside one of these folders.
    content: ["LICENSE", "README.md", "dist/", "package.json", "proto-google/", "proto/"],
    hasTypes: true,
    maxPackedKb: 284,
    maxUnpackedKb: 1030,
  },
  {
    folder: "packages/protoc-gen-grpclib-ts",
    content: ["LICENSE", "README.md", "bin/", "dist/", "package.json", "schema/"],
    // Two programs, which nothing imports.
    hasTypes: false,
    maxPackedKb: 60,
    maxUnpackedKb: 210,
  },
];

const { folder: work } = makeProject("packages");

describe.for(packages)("$folder", ({ folder, content, hasTypes, maxPackedKb, maxUnpackedKb }) => {
  const unpacked = packAndUnpack(folder);

  test("has the files that users need, and no others", async () => {
    const { files } = await unpacked;
    expect([...new Set(files.map((file) => file.replace(/\/.*/, "/")))].sort()).toEqual([...content].sort());
    // JavaScript and its types. The proto files are in folders of their own.
    const others = files.filter((file) => file.startsWith("dist/") && !/\.(js|d\.ts)$/.test(file));
    expect(others).toEqual([]);
    // The types of each module, and nothing left over from an earlier build.
    const modules = files.filter((file) => file.endsWith(".js")).map((file) => file.replace(/\.js$/, ".d.ts"));
    expect(files.filter((file) => file.endsWith(".d.ts")).sort()).toEqual(hasTypes ? modules.sort() : []);
  });

  test("imports only packages that it depends on", async () => {
    const { files, read } = await unpacked;
    const code = files.filter((file) => /^(?:bin|dist)\//.test(file)).map(read);
    const statements = /^(?:(?:import|export|\}).* from|import) "(?<name>(?:@[^/"]+\/)?[^./"][^/"]*)/gm;
    const names = code.flatMap((text) => [...text.matchAll(statements)].map(({ groups }) => groups?.["name"] ?? ""));
    const { dependencies, peerDependencies } = JSON.parse(read("package.json"));
    const known = Object.keys({ ...dependencies, ...peerDependencies });
    expect(names).toContain("@bufbuild/protobuf");
    expect(names.filter((name) => !name.startsWith("node:") && !known.includes(name))).toEqual([]);
  });

  test("has the license of the repository", async () => {
    const { read } = await unpacked;
    expect(read("LICENSE")).toBe(readFileSync(join(root, "LICENSE"), "utf8"));
  });

  test("has a README whose links lead into the package or to a website", async () => {
    const { files, read } = await unpacked;
    const links = [...read("README.md").matchAll(/\]\((?<target>[^)]+)\)/g)].map((match) => match.groups?.["target"]);
    expect(links.filter((link) => !link?.startsWith("https://") && !files.includes(link ?? ""))).toEqual([]);
  });

  test(`takes no more than ${maxPackedKb} KB, and ${maxUnpackedKb} KB when it is installed`, async () => {
    const { files, packedBytes, folder: installed } = await unpacked;
    expect(packedBytes / 1024).toBeLessThan(maxPackedKb);
    const bytes = files.reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
    expect(bytes / 1024).toBeLessThan(maxUnpackedKb);
  });
});

async function packAndUnpack(folder: string) {
  const tarball = await pack(folder, work);
  const target = join(work, folder.replaceAll("/", "-"));
  await run("mkdir", [target]);
  await run("tar", ["-xzf", tarball, "-C", target]);
  const listed: string = await run("tar", ["-tzf", tarball]);
  const files = listed
    .trim()
    .split("\n")
    .map((line) => line.replace("package/", ""));
  return {
    folder: join(target, "package"),
    files,
    packedBytes: statSync(tarball).size,
    read: (file: string) => readFileSync(join(target, "package", file), "utf8"),
  };
}
