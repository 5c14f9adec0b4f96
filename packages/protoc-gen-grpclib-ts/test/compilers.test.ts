import { expect, test } from "vitest";
import { fixtures, generate, protoFolder } from "./support/fixtures.js";
import { readFiles, workFolder } from "./support/folders.js";
import { succeed, tools } from "./support/tools.js";

const option = "target=ts+js+dts,import_extension=js";

test("protoc and its plugin write what the other tests check.", () => {
  const out = workFolder("protoc");
  const flags = [`--plugin=${tools.plugin()}`, `--grpclib-ts_out=${out}`, `--grpclib-ts_opt=${option}`];
  succeed("protoc", ["-I", protoFolder, ...flags, ...fixtures]);
  expect(readFiles(out)).toEqual(generate(option));
});

test.for(["all", "directory"])("buf, with its strategy %j, writes the same.", (strategy) => {
  const out = workFolder(`buf-${strategy}`);
  const plugins = [{ local: tools.plugin(), out, opt: option, strategy }];
  succeed("buf", ["generate", protoFolder, "--template", JSON.stringify({ version: "v2", plugins })]);
  expect(readFiles(out)).toEqual(generate(option));
});
