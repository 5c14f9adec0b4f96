import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { pack } from "../scripts/lib/pack.mjs";
import { pnpm } from "../scripts/lib/pnpm.mjs";
import { root } from "../scripts/lib/root.mjs";
import { makeProject } from "./project.js";

// A user's monorepo with pnpm: a package of stubs that is tested with vitest, and a package that uses it, has another
// version of the runtime, and is tested with Jest.
const project = makeProject("monorepo", { env: { NO_COLOR: "1", FORCE_COLOR: "0" } });
const inProject = (path: string) => join(project.folder, path);

beforeAll(async () => {
  cpSync(join(import.meta.dirname, "monorepo"), project.folder, { recursive: true });
  cpSync(join(root, "examples/contracts/src/gen"), inProject("packages/stubs/src/gen"), { recursive: true });
  const tarball = await pack("packages/runtime", project.folder);
  for (const version of ["0.1.0", "0.2.0"]) await repack(tarball, version);
  const here = { cwd: project.folder, env: { CI: "true" } };
  await pnpm(["install", "--prefer-offline", "--no-frozen-lockfile"], here);
}, 300_000);

test("each package has its own version of the runtime", () => {
  const versions = ["stubs", "app"].map((name) => {
    const path = inProject(`packages/${name}/node_modules/@grpclib-ts/runtime/package.json`);
    return JSON.parse(readFileSync(path, "utf8")).version;
  });
  expect(versions).toEqual(["0.1.0", "0.2.0"]);
});

describe("once it is built, with declarations and project references,", () => {
  beforeAll(async () => {
    expect(await project.run("npm", "run", "--silent", "build")).toBe("");
  });

  test("its declarations name all types by public paths", () => {
    const text = readFileSync(inProject("packages/app/dist/index.d.ts"), "utf8");
    const imported = [...text.matchAll(/import\("([^"]+)"\)/g)].map(([, path]) => path);
    expect(imported).toContain("@grpclib-ts/runtime");
    expect(imported.filter((path) => /node_modules|dist/.test(path ?? ""))).toEqual([]);
  });

  test.for<[runner: string, name: string, script: string, passed: RegExp]>([
    ["vitest", "stubs", "test", /Tests +2 passed/],
    ["Jest, as ECMAScript modules", "app", "test:esm", /Tests: +13 passed, 13 total/],
    ["Jest, as CommonJS", "app", "test:cjs", /Tests: +13 passed, 13 total/],
  ])("its tests pass in %s", async ([, name, script, passed]) => {
    expect(await project.run("npm", "run", "--silent", "--prefix", `packages/${name}`, script)).toMatch(passed);
  });
});

/** Changes the version of a packed runtime. */
async function repack(tarball: string, version: string): Promise<void> {
  const folder = inProject("repacked");
  mkdirSync(folder);
  await project.run("tar", "-xzf", tarball, "-C", folder);
  const path = join(folder, "package/package.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), version }));
  await project.run("tar", "-czf", `runtime-${version}.tgz`, "-C", folder, "package");
  rmSync(folder, { recursive: true });
}
