import { cpSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makeProject } from "./project.js";
import { installedProtobuf, oldestProtobuf, supportedProtobufs } from "./protobuf.js";

// A user's project, with the packages as they are published. It uses the oldest supported protobuf, as a project that
// was set up long ago would. tests/documents.test.ts covers the newest.
const project = makeProject("user-project");

beforeAll(async () => {
  cpSync(join(import.meta.dirname, "user-project"), project.folder, { recursive: true });
  await project.install(oldestProtobuf.dependency);
});

test(`the project and the runtime in it use ${oldestProtobuf.title}`, () => {
  const runtime = join(project.folder, "node_modules/@grpclib-ts/runtime");
  expect([project.folder, runtime].map(installedProtobuf)).toEqual([oldestProtobuf.version, oldestProtobuf.version]);
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
    "type SourceContext of google/protobuf/source_context.proto",
  ]);
});

test("the supported versions of protobuf begin with the oldest", () => {
  expect(supportedProtobufs()[0]?.version).toBe(oldestProtobuf.version);
  expect(supportedProtobufs().length).toBeGreaterThan(4);
});

test.for(supportedProtobufs())(
  "generated code type-checks and runs with $dependency",
  async ({ version, dependency }) => {
    await project.run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", dependency);
    expect(installedProtobuf(project.folder)).toContain(version.replace(/0$/, ""));
    await project.run("npm", "run", "build");
    expect(await project.run("npm", "run", "--silent", "start")).toContain("type SourceContext");
  },
);

test.for(["", ".js", ".ts"])('generated code can import google.rpc with the extension "%s"', async (extension) => {
  const script = `import("@grpclib-ts/runtime/gen/google/rpc/status_pb${extension}").then((m) => console.log(m.StatusSchema.typeName))`;
  expect(await project.run("node", "--eval", script)).toBe("google.rpc.Status");
});
