import { cpSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makeProject } from "./project.js";

// What a user does: a project of its own, with the packages as they are published.
const project = makeProject("user-project");

beforeAll(async () => {
  cpSync(join(import.meta.dirname, "user-project"), project.folder, { recursive: true });
  await project.install();
});

test("a new project generates, type-checks and runs", async () => {
  await project.run("npm", "run", "generate");
  await project.run("npm", "run", "build");
  const output = await project.run("npm", "run", "--silent", "start");
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
  expect(await project.run("node", "--eval", script)).toBe("google.rpc.Status");
});
