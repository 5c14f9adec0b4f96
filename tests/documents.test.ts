import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";
import { makeProject } from "./project.js";

// Follows the documents as a reader would, with the packages as they are published.
const project = makeProject("documents");
const readme = read("README.md");

/** The packages that the README installs, except for those of this repository. */
const dependencies = [...readme.matchAll(/^npm install (.*)$/gm)]
  .flatMap(([, words]) => words?.split(" ") ?? [])
  .filter((word) => !word.startsWith("--") && !word.includes("grpclib-ts"));

beforeAll(async () => {
  writeFileSync(join(project.folder, "package.json"), JSON.stringify({ type: "module" }));
  await project.install(...dependencies);
});

test("the README shows a proto, buf.gen.yaml, a server and a client", () => {
  expect([...filesOf(readme).keys()]).toEqual([
    "proto/library/v1/library.proto",
    "buf.gen.yaml",
    "tsconfig.json",
    "src/server.ts",
    "src/client.ts",
    "src/main.ts",
  ]);
});

test.for([
  "README.md",
  "docs/errors.md",
  "docs/contracts.md",
  "docs/cancellation.md",
  "docs/compression.md",
  "docs/transports.md",
])("the program in %s generates, type-checks, runs, and prints the output shown", async (document) => {
  const folder = document.replaceAll(/\W/g, "-");
  const own = filesOf(read(document));
  const isProto = (path: string) => path.startsWith("proto/");
  const hasProtos = [...own.keys()].some(isProto);
  // The project of a page has the README's files, overlaid with its own. Its .proto files replace all of the README's.
  const base = [...filesOf(readme)].filter(([path]) => !hasProtos || !isProto(path));
  for (const [path, text] of [...base, ...own]) write(join(project.folder, folder, path), text);
  // buf.yaml refers to node_modules for the contract options.
  symlinkSync(join(project.folder, "node_modules"), join(project.folder, folder, "node_modules"));
  const printed = /^It prints\n\n```text\n(.*?)\n```$/ms.exec(read(document))?.[1];
  await project.run("npm", "exec", "--", "sh", "-c", `cd ${folder} && buf generate && tsc`);
  expect(await project.run("node", `${folder}/dist/main.js`)).toBe(printed);
});

test("docs/contracts.md shows the compiler configuration that the contracts project uses", () => {
  const shown = filesOf(read("docs/contracts.md"));
  for (const path of ["buf.yaml", "buf.gen.yaml", "protoc.sh"]) {
    expect(shown.get(path)).toBe(read(`tests/contracts-project/${path}`));
  }
});

/** The code blocks that are files, by path. The line before such a block begins with the path in backticks. */
function filesOf(document: string): ReadonlyMap<string, string> {
  const blocks = document.matchAll(/^`([\w./]+\.\w+)`[^\n]*\n\n```\w+\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, path, text]) => [path ?? "", text ?? ""]));
}

function read(document: string): string {
  return readFileSync(join(root, document), "utf8");
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
