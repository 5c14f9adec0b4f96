import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { run } from "../../scripts/lib/run.mjs";
import { serviceProto } from "./contract-protos.mjs";

const plugin = (name) => `  - { local: ${name}, out: gen, opt: [target=ts, import_extension=js, ${rewrite}] }`;
const rewrite = `"rewrite_imports=./grpclib/v1/*:@grpclib-ts/runtime/gen"`;
const template = (...plugins) =>
  ["version: v2", "inputs: [{ directory: proto }]", "plugins:", ...plugins.map(plugin), ""].join("\n");

const compilerOptions = {
  strict: true,
  noEmit: true,
  target: "es2022",
  module: "nodenext",
  lib: ["es2022", "esnext.disposable", "dom"],
  types: [],
};

const files = {
  "buf.yaml": "version: v2\nmodules: [{ path: proto }, { path: node_modules/@grpclib-ts/runtime/proto }]\n",
  "messages.gen.yaml": template("protoc-gen-es"),
  "services.gen.yaml": template(join(root, "packages/protoc-gen-grpclib-ts/bin/protoc-gen-grpclib-ts")),
  "package.json": `{ "type": "module" }`,
  "tsconfig.json": JSON.stringify({ compilerOptions, include: ["gen"] }),
};

/** Makes a user's project with one service in `folder`. `shape`: see serviceProto(). */
export async function makeContractProject(folder, shape) {
  write(join(folder, "proto/things.proto"), serviceProto(shape));
  for (const [path, text] of Object.entries(files)) write(join(folder, path), text);
  link("packages/runtime", join(folder, "node_modules/@grpclib-ts/runtime"));
  link("packages/runtime/node_modules/@bufbuild/protobuf", join(folder, "node_modules/@bufbuild/protobuf"));
  await run("buf", ["generate", "--template", "messages.gen.yaml"], { cwd: folder });
  return {
    generate: () => run("buf", ["generate", "--template", "services.gen.yaml"], { cwd: folder }),
    typeCheck: () => run("tsc", ["-p", "."], { cwd: folder }),
  };
}

function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, target), path);
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
