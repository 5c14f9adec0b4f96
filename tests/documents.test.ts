import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";
import { makeProject } from "./project.js";

// Follows the documents as a reader would, with the packages as they are published.
const project = makeProject("documents");
const readme = read("README.md");

/** The packages that the documents install, except for those of this repository. */
const dependencies = [readme, read("docs/errors.md")]
  .flatMap((document) => [...document.matchAll(/^npm install (.*)$/gm)])
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
  await project.run("npm", "exec", "--", "sh", "-c", `cd ${folder} && buf generate && tsc`);
  const outputs = outputsOf(read(document));
  expect([...outputs.keys()]).toContain("main");
  for (const [program, printed] of outputs) {
    expect(withoutPlaces(await project.run("node", `${folder}/dist/${program}.js`))).toBe(printed);
  }
  for (const path of [...own.keys()].filter((file) => file.endsWith(".test.ts"))) {
    await project.run("node", "--test", path.replace(/^src(.*)ts$/, `${folder}/dist$1js`));
  }
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

/** What programs print, by their name. A page says `It prints` of main.ts, and names other programs. */
function outputsOf(document: string): ReadonlyMap<string, string> {
  const outputs = document.matchAll(/^(?:It|The program `src\/(\w+)\.ts`) prints\n\n```text\n(.*?)\n```$/gms);
  return new Map([...outputs].map(([, program = "main", text = ""]) => [program, text]));
}

/** Output as a page shows it: with one line in place of the frames of a stack, and with a fixed port. */
function withoutPlaces(output: string): string {
  return output
    .replaceAll(/(?:\n +at .*?(?=\n| \{\n))+/g, "\n    at …")
    .replaceAll(/\\n +at .*?(?=")/g, "\\n    at …")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:50051");
}

function read(document: string): string {
  return readFileSync(join(root, document), "utf8");
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
