import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";

// Who may import whom in the runtime: biome.jsonc enforces it, and this table proves that it does.
const protobuf = ["@bufbuild/protobuf", "@bufbuild/protobuf/wkt"];
const anyPlatform = ["core/y.js", "wire/y.js", "transport/y.js", "client/y.js", "server/y.js", "gen/y_pb.js"];
const mayImport: [file: string, targets: string[]][] = [
  ["core/x.ts", ["core/y.js", "gen/y_pb.js", ...protobuf]],
  ["wire/x.ts", ["core/y.js", "wire/y.js", ...protobuf]],
  ["transport/x.ts", ["core/y.js", "transport/y.js", ...protobuf]],
  ["client/x.ts", ["core/y.js", "transport/y.js", "client/y.js", ...protobuf]],
  ["server/x.ts", ["core/y.js", "transport/y.js", "server/y.js", ...protobuf]],
  ["http2/x.ts", ["core/y.js", "wire/y.js", "transport/y.js", "http2/y.js", "node:zlib", ...protobuf]],
  [
    "http2/node-x.ts",
    ["core/y.js", "wire/y.js", "transport/y.js", "http2/y.js", "node:http2", "node:zlib", ...protobuf],
  ],
  [
    "node/x.ts",
    [
      "core/y.js",
      "transport/y.js",
      "client/y.js",
      "server/y.js",
      "http2/y.js",
      "node/y.js",
      "node:http2",
      "node:zlib",
      ...protobuf,
    ],
  ],
  ["index.ts", anyPlatform],
  ["codegen.ts", anyPlatform],
  ["error-details.ts", anyPlatform],
  ["node.ts", [...anyPlatform, "http2/y.js", "node/y.js"]],
];
const indexFiles = ["index.js", "node.js", "codegen.js", "error-details.js"];
const everything = [
  ...anyPlatform,
  "http2/y.js",
  "node/y.js",
  ...indexFiles,
  "node:http2",
  "node:zlib",
  "http2",
  "@grpc/grpc-js",
  ...protobuf,
];

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "rooms-"));
  copyFileSync(join(root, "biome.jsonc"), join(directory, "biome.jsonc"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test.for(mayImport)("%s imports nothing but %j", ([file, targets]) => {
  const refused = refusedLines(
    file,
    everything.map((target) => `import "${specifier(file, target)}";`),
  );
  const accepted = everything.filter((_, index) => !refused.includes(index + 1));
  expect(new Set(accepted)).toEqual(new Set(targets));
});

test.for([
  'import { x } from "../http2/y.js";',
  'import type { x } from "../http2/y.js";',
  'import * as x from "../http2/y.js";',
  'export { x } from "../http2/y.js";',
  'export * from "../http2/y.js";',
  'await import("../http2/y.js");',
  'import "./../http2/y.js";',
])("no form of import gets round it: %s", (line) => {
  expect(refusedLines("core/x.ts", [line])).toEqual([1]);
});

const transport = join(root, "packages/runtime/src/transport");
test.for(readdirSync(transport))("transport/%s holds types only", (file) => {
  expect(readFileSync(join(transport, file), "utf8")).not.toMatch(/^import (?!type )|^export (?!type |interface )/m);
});

/** How `file` names `target`: its own files by a relative path, a package by its name. */
function specifier(file: string, target: string) {
  if (!target.endsWith(".js")) return target;
  const path = posix.relative(posix.dirname(file), target);
  return path.startsWith("../") ? path : `./${path}`;
}

/** The numbers of the lines that Biome refuses in a file of the runtime. */
function refusedLines(file: string, lines: string[]): number[] {
  const path = join(directory, "packages/runtime/src", file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.join("\n"));
  const { stdout } = spawnSync(
    join(root, "node_modules/.bin/biome"),
    [
      "lint",
      "--vcs-enabled=false",
      "--only=style/noRestrictedImports",
      "--reporter=json",
      "--max-diagnostics=none",
      path,
    ],
    { cwd: directory, encoding: "utf8" },
  );
  const report: { diagnostics: { location: { start: { line: number } } }[] } = JSON.parse(stdout);
  return report.diagnostics.map(({ location }) => location.start.line);
}
