import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtures, generate, protoFolder, protoPaths } from "./support/fixtures.js";
import { readFiles, workFolder } from "./support/folders.js";
import { succeed, tools } from "./support/tools.js";

const option = "target=ts+js+dts,import_extension=js";

/** The buf.yaml of a project that uses error contracts. */
const workspace = { version: "v2", modules: [{ path: "proto" }, { path: "node_modules/@grpclib-ts/runtime/proto" }] };

test("Run by protoc, the plugin writes the output that the other tests check.", () => {
  const out = workFolder("protoc");
  const flags = [`--plugin=${tools.plugin()}`, `--grpclib-ts_out=${out}`, `--grpclib-ts_opt=${option}`];
  succeed("protoc", [...protoPaths, ...flags, ...fixtures]);
  expect(readFiles(out)).toEqual(generate(option));
});

test.for(["all", "directory"])("Run by buf with strategy %j, the plugin writes the same output.", (strategy) => {
  const folder = workFolder(`buf-${strategy}`, { "buf.yaml": JSON.stringify(workspace) });
  symlinkSync(protoFolder, join(folder, "proto"));
  const plugins = [{ local: tools.plugin(), out: "out", opt: option, strategy }];
  succeed("buf", ["generate", "--template", JSON.stringify({ version: "v2", plugins })], { cwd: folder });
  expect(readFiles(join(folder, "out"))).toEqual(generate(option));
});
