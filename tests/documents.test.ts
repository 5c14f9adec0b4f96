import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bareBlocks, commandsOf, filesOf, outputsOf, read, writeFiles } from "../scripts/lib/documents.mjs";
import { packAll } from "../scripts/lib/pack.mjs";
import { followReadme } from "../scripts/lib/readme.mjs";
import { root } from "../scripts/lib/root.mjs";
import { makeProject } from "./project.js";

// Follows the documents as a reader would, with the packages as they are published.
const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter(isMarkdown);
const readme = read("README.md");

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

describe("from an empty folder", () => {
  const project = makeProject("readme");

  // `npm run test:readme` does the same with other package managers and on other versions of Node.
  test("the README's commands and files lead to the output shown", async () => {
    const tarballs = await packAll(project.folder);
    const folder = join(project.folder, "empty");
    mkdirSync(folder);
    expect(await followReadme(folder, { packageManager: "npm", tarballs })).toBe(outputsOf(readme).get("main"));
    // It installs packages, which takes long on a busy machine.
  }, 300_000);
});

describe("the program in", () => {
  const project = makeProject("documents");

  /** The packages that the pages install, except for those of this repository. */
  const dependencies = pages
    .flatMap((page) => [...read(page).matchAll(/^npm install (.*)$/gm)])
    .flatMap(([, words]) => words?.split(" ") ?? [])
    .filter((word) => !word.startsWith("--") && !word.includes("grpclib-ts"));

  beforeAll(async () => {
    writeFileSync(join(project.folder, "package.json"), JSON.stringify({ type: "module" }));
    await project.install(...new Set(dependencies));
    // There are many packages.
  }, 300_000);

  /** Writes a program into a folder of the project. Returns a function that runs a shell script there. */
  function makeProgram(folder: string, files: Iterable<readonly [path: string, text: string]>) {
    writeFiles(join(project.folder, folder), files);
    // buf.yaml refers to node_modules for the contract options.
    symlinkSync(join(project.folder, "node_modules"), join(project.folder, folder, "node_modules"));
    return (script: string) => project.run("sh", "-ec", `cd ${folder}\nPATH="$PWD/node_modules/.bin:$PATH"\n${script}`);
  }

  // The files in docs/tools.md are configurations, which tests/tools.test.ts uses.
  const isProgram = (page: string) => [...filesOf(read(page)).keys()].some((path) => path.startsWith("src/"));
  const programs = pages.filter((page) => page !== "README.md" && isProgram(page));

  test.for(programs)("%s generates, type-checks, runs, and prints the output shown", async (page) => {
    const folder = page.replaceAll(/\W/g, "-");
    const own = filesOf(read(page));
    const isProto = (path: string) => path.startsWith("proto/");
    const hasProtos = [...own.keys()].some(isProto);
    // The project of a page has the README's files, overlaid with its own. Its .proto files replace all of the README's.
    const base = [...filesOf(readme)].filter(([path]) => !hasProtos || !isProto(path));
    const sh = makeProgram(folder, [...base, ...own, ...(usesRules(own.values()) ? rulesModule() : [])]);
    await sh("buf generate\ntsc");
    const commands = commandsOf(read(page)).join("").split("\n");
    await sh(commands.filter((line) => !line.startsWith("npm install")).join("\n"));
    for (const [program, printed] of new Map([...outputsOf(readme), ...outputsOf(read(page))])) {
      // Some programs provoke errors that a server reports on stderr.
      const output = await sh(`node dist/${program}.js 2> errors.txt || { cat errors.txt; exit 1; }`);
      expect(withoutPlaces(output)).toBe(printed);
    }
    for (const [path] of [...own].filter(([, text]) => text.includes('from "node:test"'))) {
      await sh(`node --test ${path.replace(/^src(.*)ts$/, "dist$1js")}`);
    }
  });

  test("the doc comments of the runtime type-check", async () => {
    const examples = docCommentBlocks("packages/runtime/src").map(
      (text, index) => [`src/doc-comment-${index}.ts`, docCommentImports + text] as const,
    );
    expect(examples.length).toBeGreaterThan(0);
    const sh = makeProgram("doc-comments", [...filesOf(readme), ...examples]);
    // The types of Connect's packages need those of browsers.
    await sh("buf generate\ntsc --noEmit --lib es2022,dom,esnext.disposable");
  });
});

test("docs/contracts.md shows the compiler configuration that the contracts project uses", () => {
  const shown = filesOf(read("docs/contracts.md"));
  for (const path of ["buf.yaml", "buf.gen.yaml", "protoc.sh"]) {
    expect(shown.get(path)).toBe(read(`tests/contracts-project/${path}`));
  }
});

describe("blocks that are not files", () => {
  const lines = (text: string) => text.split("\n").map((line) => line.trim());
  const files = pages.flatMap((page) => [...filesOf(read(page)).values()]).map((text) => lines(text).join("\n"));

  test.for(pages)("in %s are excerpts of files on some page", (page) => {
    const excerpts = bareBlocks(read(page), page === "README.md" ? ["ts", "proto"] : ["ts"]);
    // An ellipsis stands for any lines.
    const parts = excerpts.flatMap((text) =>
      lines(text)
        .join("\n")
        .split(/^(?:\/\/ )?…\n/m),
    );
    expect(parts.filter((part) => !files.some((file) => file.includes(part.trim())))).toEqual([]);
  });
});

test.for(pages)("the links in %s lead to files and headings that exist", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  const broken = links.filter(([, path, anchor]) => {
    const target = path ? join(dirname(page), path) : page;
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !headingsOf(read(target)).includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

function usesRules(texts: Iterable<string>): boolean {
  return [...texts].some((text) => text.includes('import "buf/validate/validate.proto"'));
}

/** Takes the place of the module in a registry that the page names, so that tests depend on package registries only. */
function rulesModule(): [path: string, text: string][] {
  const proto = "buf/validate/validate.proto";
  return [
    ["buf.yaml", "version: v2\nmodules: [{ path: proto }, { path: rules }]\n"],
    [`rules/${proto}`, read(`.tools/protovalidate/${proto}`)],
  ];
}

/** What the code in doc comments may use without an import. */
const docCommentImports = `
  import { connectNodeAdapter } from "@connectrpc/connect-node";
  import { credentials } from "@grpc/grpc-js";
  import {
    type ClientInterceptor, createContextKey, defaultMaskedKeys, fakeStub, GRPCError, intercept, mapErrors, maskMetadata,
    type ServerInterceptor, Status, toProblem,
  } from "@grpclib-ts/runtime";
  import { connectRoutes } from "@grpclib-ts/runtime/connect";
  import { grpcJsTransport } from "@grpclib-ts/runtime/grpc-js";
  import { HealthService, watchHealth } from "@grpclib-ts/runtime/health";
  import { Channel, forwardMetadata, Server } from "@grpclib-ts/runtime/node";
  import { recordRetry, telemetry } from "@grpclib-ts/runtime/otel";
  import { reflection } from "@grpclib-ts/runtime/reflection";
  import { after, Faults, fake, serve } from "@grpclib-ts/runtime/testing";
  import { validate } from "@grpclib-ts/runtime/validate";
  import { createConnectTransport } from "@connectrpc/connect-web";
  import { connectTransport } from "@grpclib-ts/runtime/connect";
  import { LibraryServiceBase, LibraryServiceStub } from "./gen/library/v1/library_grpclib.js";
  declare const Library: new () => LibraryServiceBase;
  interface User { name: string }
  declare function fetchToken(): Promise<string>;
  declare function verify(token: string | undefined): Promise<User>;
`;

/** The TypeScript in the doc comments of a source folder. */
function docCommentBlocks(folder: string): string[] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  const blocks = paths.flatMap((path) => [...read(join(folder, path)).matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms)]);
  return blocks.map(([, text = ""]) => text.replaceAll(/^ *\* ?/gm, ""));
}

/** Output as a page shows it: with one line in place of the frames of a stack, and with a fixed port and time. */
function withoutPlaces(output: string): string {
  return output
    .replaceAll(/(?:\n +at .*?(?=\n| \{\n))+/g, "\n    at …")
    .replaceAll(/\\n +at .*?(?=")/g, "\\n    at …")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:50051")
    .replaceAll(/"ms":\d+/g, '"ms":7');
}

/** The anchors of the headings, as GitHub derives them. */
function headingsOf(document: string): string[] {
  const headings = document.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

function isMarkdown(path: string): boolean {
  return path.endsWith(".md");
}
