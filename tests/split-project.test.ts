import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makeProject } from "./project.js";

// A user's project whose clients and servers have generated code of their own, with an index file in each folder.
const project = makeProject("split-project");

beforeAll(async () => {
  cpSync(join(import.meta.dirname, "split-project"), project.folder, { recursive: true });
  await project.install();
  await project.run("npm", "run", "generate");
});

test.for([
  { side: "client", has: "Stub", lacks: "Base" },
  { side: "server", has: "Base", lacks: "Stub" },
])("buf generates the code of a $side, with an index file in each folder", ({ side, has, lacks }) => {
  const folder = join(project.folder, "src", side, "gen");
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  expect(paths.sort()).toEqual([
    "library/v1/index.ts",
    "library/v1/library_grpclib.ts",
    "library/v1/library_pb.ts",
    "library/v1/options_pb.ts",
    "members/v1/index.ts",
    "members/v1/members_grpclib.ts",
    "members/v1/members_pb.ts",
  ]);
  const text = readFileSync(join(folder, "library/v1/library_grpclib.ts"), "utf8");
  expect(text).toContain(`LibraryService${has}`);
  expect(text).not.toContain(`LibraryService${lacks}`);
  expect(text).toContain("LibraryServiceErrors");
});

test("its partial service, its options of methods and its fake work", async () => {
  await project.run("npm", "run", "build");
  const output = await project.run("npm", "run", "--silent", "start");
  expect(output.split("\n")).toEqual([
    "The book of Job, for a reader | not found | not found",
    "[ 'The book of Job' ]",
    "UNIMPLEMENTED /library.v1.LibraryService/LendBook is not implemented by this server",
    "3",
    "A fake of Job | not found | ABORTED",
    "[ 'A fake', 'Another fake' ]",
    "UNIMPLEMENTED /library.v1.LibraryService/LendBook is not implemented by this fake",
  ]);
});
