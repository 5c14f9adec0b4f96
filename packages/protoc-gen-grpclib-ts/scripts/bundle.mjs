// Makes the two programs of the package: generate.js for protoc-gen-grpclib-ts and check.js for buf-plugin-grpclib-ts.
//
// They contain protoplugin, but not TypeScript, which protoplugin imports in order to transpile what a plugin generates
// for the target ts only. This plugin generates all targets itself. Loading TypeScript would take four times as long as
// everything else, in each run, and by default buf runs plugins once for each folder. It is also 32 MB to install.
import { readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const { dependencies } = readManifest("package.json");
const { name, version, license } = readManifest("node_modules/@bufbuild/protoplugin/package.json");

const withoutTranspiler = {
  name: "without transpiler",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]protoplugin[\\/]dist[\\/]esm[\\/]transpile\.js$/ }, () => ({
      contents: 'export function transpile() { throw new Error("This plugin generates all targets itself"); }',
    }));
  },
};

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { generate: "src/main.ts", check: "src/check/main.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  chunkNames: "shared",
  external: Object.keys(dependencies),
  plugins: [withoutTranspiler],
  platform: "node",
  target: "node20.19",
  format: "esm",
  banner: {
    js: `// This package contains code of ${name} ${version}, Copyright Buf Technologies, Inc., licensed under ${license}, without the module transpile.js.`,
  },
});

function readManifest(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
