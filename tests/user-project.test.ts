import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pack } from "../scripts/lib/pack.mjs";
import { root } from "../scripts/lib/root.mjs";
import { run } from "../scripts/lib/run.mjs";

// What a user does: a project of its own outside of this repository, with the packages as they are published.
const project = mkdtempSync(join(tmpdir(), "user-project-"));
afterAll(() => rmSync(project, { recursive: true }));

// Only the project's own tools, none of this repository.
const PATH = process.env["PATH"]?.split(delimiter).filter((folder) => !folder.startsWith(root));
const npm = (...args: string[]) => run("npm", args, { cwd: project, env: { PATH: PATH?.join(delimiter) } });

beforeAll(async () => {
  cpSync(join(import.meta.dirname, "user-project"), project, { recursive: true });
  const tarballs = await Promise.all(
    ["packages/runtime", "packages/protoc-gen-grpclib-ts"].map((folder) => pack(folder, project)),
  );
  await npm("install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs);
});

test("a new project generates, type-checks and runs", async () => {
  await npm("run", "generate");
  await npm("run", "build");
  const output = await npm("run", "--silent", "start");
  expect(output.split("\n")).toEqual([
    "added 2",
    "listed a undefined",
    "listed b gone",
    "got a",
    "watched b",
    "NOT_FOUND No job c c",
  ]);
});

test.for(["", ".js", ".ts"])('generated code can import google.rpc with the extension "%s"', async (extension) => {
  const script = `import("@grpclib-ts/runtime/gen/google/rpc/status_pb${extension}").then((m) => console.log(m.StatusSchema.typeName))`;
  expect(await run("node", ["--eval", script], { cwd: project })).toBe("google.rpc.Status");
});
