import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { maxFileLines, rooms } from "../packages/runtime/rooms.mjs";
import { faultsOf, unusedRules } from "../scripts/checks/rooms.mjs";
import { architecture, withRooms } from "../scripts/lib/architecture.mjs";
import { root } from "../scripts/lib/root.mjs";

/** Runs the check on files, given by path and text. */
function check(source: Record<string, string>): string[] {
  return faultsOf(new Map(Object.entries(source)));
}

test("an import that the rules allow, but no file has, is reported", () => {
  const unused = (text: string) => unusedRules(new Map([["errors/x.ts", text]]));
  const fault = "packages/runtime/rooms.mjs lets errors import core, but no file does. Remove it there.";
  expect(unused("")).toContain(fault);
  expect(unused('import "../core/y.js";')).not.toContain(fault);
});

describe("a room may import", () => {
  test.for<[file: string, specifier: string]>([
    ["core/x.ts", "./y.js"],
    ["core/x.ts", "../gen/google/rpc/status_pb.js"],
    ["core/x.ts", "@bufbuild/protobuf"],
    ["errors/x.ts", "@bufbuild/protobuf/wkt"],
    ["errors/x.ts", "../core/y.js"],
    ["client/x.ts", "../transport/y.js"],
    ["http2/x.ts", "../wire/y.js"],
    ["http2/x.ts", "node:zlib"],
    ["http2/node-x.ts", "node:http2"],
    ["node/x.ts", "../client/y.js"],
    ["index.ts", "./client/y.js"],
    ["node.ts", "./node/y.js"],
    ["grpc-js/x.ts", "../client/y.js"],
    ["grpc-js/x.ts", "@grpc/grpc-js"],
    ["connect/x.ts", "../client/y.js"],
    ["connect/x.ts", "../server/y.js"],
    ["connect/x.ts", "@connectrpc/connect"],
    ["connect.ts", "./connect/y.js"],
    ["validate/x.ts", "../index.js"],
    ["validate/x.ts", "@bufbuild/protovalidate"],
    ["validate.ts", "./validate/y.js"],
    ["testing/x.ts", "../node/y.js"],
    ["testing.ts", "./testing/y.js"],
  ])("%s: %s", ([file, specifier]) => {
    expect(check({ [file]: `import "${specifier}";` })).toEqual([]);
  });
});

describe("a room may not import", () => {
  test.for<[file: string, specifier: string]>([
    ["core/x.ts", "../errors/y.js"],
    ["flow/x.ts", "../errors/y.js"],
    ["wire/x.ts", "../transport/y.js"],
    ["client/x.ts", "../server/y.js"],
    ["server/x.ts", "../client/y.js"],
    ["client/x.ts", "../wire/y.js"],
    ["http2/x.ts", "../client/y.js"],
    ["http2/x.ts", "../flow/y.js"],
    ["http2/x.ts", "node:http2"],
    ["http2/nodes.ts", "node:http2"],
    ["node/x.ts", "node:http2"],
    ["core/x.ts", "node:util"],
    ["core/x.ts", "http2"],
    ["core/x.ts", "@bufbuild/protobuf-extra"],
    ["node/x.ts", "@grpc/grpc-js"],
    ["core/x.ts", "../index.js"],
    ["core/x.ts", "@bufbuild/protovalidate"],
    ["grpc-js/x.ts", "../http2/y.js"],
    ["connect/x.ts", "@connectrpc/connect-node"],
    ["connect/x.ts", "node:http2"],
    ["validate/x.ts", "../node.js"],
    ["node/x.ts", "../testing/y.js"],
    ["node.ts", "./testing/y.js"],
    ["validate/x.ts", "../server/y.js"],
    ["index.ts", "./http2/y.js"],
    ["index.ts", "@bufbuild/protobuf"],
  ])("%s: %s", ([file, specifier]) => {
    expect(check({ [file]: `import "${specifier}";` })).toEqual([`${file} imports ${specifier}`]);
  });

  test.for([
    'import { x } from "../http2/y.js";',
    'import type { x } from "../http2/y.js";',
    'import * as x from "../http2/y.js";',
    'export { x } from "../http2/y.js";',
    'export type { x } from "../http2/y.js";',
    'export * from "../http2/y.js";',
    'await import("../http2/y.js");',
    'type X = import("../http2/y.js").X;',
    'import "./../http2/y.js";',
  ])("in any form: %s", (line) => {
    expect(check({ "core/x.ts": line })).toHaveLength(1);
  });
});

test("files may not import each other in a cycle, not even for types", () => {
  expect(
    check({
      "core/a.ts": 'import "./b.js";',
      "core/b.ts": 'import type { C } from "./c.js";',
      "core/c.ts": 'export * from "./a.js";',
      "core/d.ts": 'import "./a.js";',
    }),
  ).toEqual(["Files import each other: core/a.ts → core/b.ts → core/c.ts → core/a.ts"]);
});

test("a room may not have more lines of code than its limit", () => {
  const { maxLines } = rooms.core;
  /** Files with one line of code each. */
  const files = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`core/${index}.ts`, "f();\n\n// why\n"]));
  expect(check(files(maxLines))).toEqual([]);
  expect(check({ ...files(maxLines - 1), "core/x.ts": "f();\ng();" })).toEqual([
    expect.stringMatching(/^core has \d+ lines of code/),
  ]);
});

test("a file may not have more lines than the limit", () => {
  const lines = (count: number) => "// why\n".repeat(count);
  expect(check({ "core/x.ts": lines(maxFileLines), "core/y.ts": lines(1) })).toEqual([]);
  expect(check({ "core/x.ts": lines(maxFileLines + 1) })).toEqual([
    `core/x.ts has ${maxFileLines + 1} lines, but only ${maxFileLines} are allowed. Split it.`,
  ]);
});

test("a room only imports rooms below it in the order of the table", () => {
  const names = Object.keys(rooms);
  for (const [room, { imports }] of Object.entries(rooms)) {
    for (const imported of imports) expect(names.indexOf(imported), imported).toBeLessThan(names.indexOf(room));
  }
});

test("each folder is a room of the table", () => {
  expect(check({ "other/x.ts": "" })).toEqual([expect.stringMatching(/^The folder other is not in/)]);
});

test("ARCHITECTURE.md shows the current table of rooms", () => {
  const page = readFileSync(join(root, architecture), "utf8");
  expect(withRooms(page)).toBe(page);
  expect(page).toContain(rooms.core.holds);
});
