import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { inPackage, listFiles, readFiles, workFolder } from "./support/folders.js";
import { succeed, tools } from "./support/tools.js";

const googleapis = inPackage("node_modules/google-proto-files");

test("The plugin generates a base and a stub for every service of googleapis.", { timeout: 600_000 }, () => {
  const protos = listFiles(googleapis).filter((name) => name.endsWith(".proto"));
  const names = protos.filter((name) => !name.startsWith("google/protobuf/"));
  const out = workFolder("googleapis");
  const set = join(out, "node_modules/set.binpb");
  const flags = [`--plugin=${tools.plugin()}`, `--grpclib-ts_out=${out}`, "--grpclib-ts_opt=target=ts", "-o", set];
  succeed("protoc", ["-I", googleapis, ...flags, ...names]);

  const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(set));
  const services = file.flatMap(({ service }) => service);
  const methods = services.flatMap(({ method }) => method);
  expect({ services: services.length, methods: methods.length }).toEqual({ services: 1_966, methods: 13_458 });

  const output = Object.values(readFiles(out));
  const count = (pattern: RegExp): number => output.flatMap((content) => content.match(pattern) ?? []).length;
  expect({
    files: output.length,
    bases: count(/^export abstract class \w+Base implements \w+ \{$/gm),
    stubs: count(/^export class \w+Stub \{$/gm),
    handlers: count(/^ {2}abstract \w+\$*\(/gm),
    methods: count(/^ {2}readonly \w+\$*!: /gm),
  }).toEqual({ files: 1_670, bases: 1_966, stubs: 1_966, handlers: 13_458, methods: 13_458 });
});
