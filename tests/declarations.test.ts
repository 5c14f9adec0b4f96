import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";
import { run } from "../scripts/lib/run.mjs";
import { compilers } from "./compilers.js";
import { type HandMade, installed, makeByHand } from "./hand-made.js";

// Packages that export inferred types of this library, with `declaration: true`. The compiler must name each type
// by a path that the package exports; otherwise it reports TS2742 (TypeScript 5) or TS2883 (7).

const generated = "./gen/contracts/v1/box_office";
const compilerOptions = {
  target: "es2022",
  lib: ["es2022", "esnext.disposable"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  composite: true,
  skipLibCheck: true,
  rootDir: "src",
  outDir: "dist",
};

interface Package {
  /** The packages of the workspace that it uses, besides the runtime. */
  readonly uses: readonly string[];
  readonly hasGenerated?: boolean;
  /** The text of its source files. */
  readonly source: Readonly<Record<string, string>>;
}

const packages: Record<string, Package> = {
  single: {
    uses: [],
    hasGenerated: true,
    source: {
      "index.ts": fixture("exported.ts").replace('from "stubs"', `from "${generated}_grpclib.js"`),
      "runtime.ts": fixture("exported-runtime.ts"),
    },
  },
  stubs: {
    uses: [],
    hasGenerated: true,
    source: { "index.ts": `export * from "${generated}_grpclib.js";\nexport * from "${generated}_pb.js";\n` },
  },
  app: { uses: ["stubs"], source: { "index.ts": fixture("exported.ts") } },
  user: { uses: ["stubs", "app"], source: { "index.ts": fixture("user.ts") } },
  // Each of these packages uses one subpath only: another one might have types that this one lacks. Each imports what it
  // uses of other packages, because TypeScript 5.4 does not name their types otherwise.
  ...Object.fromEntries(
    ["connect", "grpc-js", "health", "otel", "reflection", "testing", "validate"].map((subpath) => [
      `uses-${subpath}`,
      { uses: [], source: { "index.ts": fixture(`subpaths/${subpath}.ts`) } },
    ]),
  ),
};

/** How package managers lay out node_modules. Each returns the node_modules that a package uses. */
const layouts = {
  /** All packages are in the node_modules at the root. */
  npm(workspace: HandMade) {
    workspace.copyRuntime("node_modules/@grpclib-ts/runtime");
    workspace.copy(installed.protobuf, "node_modules/@bufbuild/protobuf");
    for (const [name, folder] of installed.optional) workspace.link(folder, `node_modules/${name}`);
    return () => "node_modules";
  },
  /** Each package has links to what it depends on, which is in a store. */
  pnpm(workspace: HandMade) {
    const runtime = "node_modules/.pnpm/@grpclib-ts+runtime@0.1.0/node_modules/@grpclib-ts/runtime";
    const protobuf = "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf";
    workspace.copyRuntime(runtime);
    workspace.copy(installed.protobuf, protobuf);
    workspace.link(protobuf, join(runtime, "../../@bufbuild/protobuf"));
    for (const [name, folder] of installed.optional) workspace.link(folder, join(runtime, "../..", name));
    return (name: string) => {
      const folder = `packages/${name}/node_modules`;
      workspace.link(runtime, `${folder}/@grpclib-ts/runtime`);
      workspace.link(protobuf, `${folder}/@bufbuild/protobuf`);
      for (const [used, target] of installed.optional) workspace.link(target, `${folder}/${used}`);
      return folder;
    };
  },
};

describe.for(Object.keys(layouts) as (keyof typeof layouts)[])("with the node_modules of %s", (layout) => {
  const workspace = makeByHand(`declarations-${layout}`);
  const modulesOf = layouts[layout](workspace);
  workspace.link(installed.nodeTypes, "node_modules/@types/node");
  for (const [name, { uses, hasGenerated, source }] of Object.entries(packages)) {
    const folder = `packages/${name}`;
    const references = uses.map((used) => ({ path: `../${used}` }));
    workspace.write(`${folder}/package.json`, JSON.stringify({ name, type: "module", exports: "./dist/index.js" }));
    workspace.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, references, include: ["src"] }));
    for (const [path, text] of Object.entries(source)) workspace.write(`${folder}/src/${path}`, text);
    if (hasGenerated) workspace.copy(join(root, "examples/contracts/src/gen"), `${folder}/src/gen`);
    const modules = modulesOf(name);
    for (const used of uses) workspace.link(`packages/${used}`, `${modules}/${used}`);
  }

  test.for(Object.entries(compilers))("TypeScript %s names all inferred types by public paths", async ([, tsc]) => {
    for (const name of Object.keys(packages)) {
      for (const output of ["dist", "tsconfig.tsbuildinfo"]) {
        rmSync(join(workspace.folder, "packages", name, output), { recursive: true, force: true });
      }
    }
    const projects = Object.keys(packages).map((name) => `packages/${name}`);
    expect(await run("node", [join(root, tsc), "--build", ...projects], { cwd: workspace.folder })).toBe("");

    const texts = Object.keys(packages).flatMap((name) =>
      declarationsIn(join(workspace.folder, "packages", name, "dist")),
    );
    const imported = texts.flatMap((text) => [...text.matchAll(/import\("([^"]+)"\)/g)].map(([, path]) => path ?? ""));
    expect(imported).toContain("@grpclib-ts/runtime");
    expect(imported.filter((path) => /node_modules|dist/.test(path))).toEqual([]);
  });
});

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "declarations", name), "utf8");
}

function declarationsIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return paths.filter((path) => path.endsWith(".d.ts")).map((path) => readFileSync(join(folder, path), "utf8"));
}
