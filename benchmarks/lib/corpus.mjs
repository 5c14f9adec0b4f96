import { createReadStream, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { run } from "../../scripts/lib/run.mjs";

/** The folder with the .proto files of googleapis. */
export const corpusFolder = dirname(fileURLToPath(import.meta.resolve("google-proto-files/package.json")));

/** The paths of the .proto files of googleapis: all of them, or every nth, where n is `every`. */
export function corpusFiles(every = 1) {
  return readdirSync(corpusFolder, { recursive: true })
    .filter((name) => name.endsWith(".proto") && !name.startsWith("google/protobuf/"))
    .sort()
    .filter((_, i) => i % every === 0);
}

/** Compiles all files of googleapis, or every nth, to a request for plugins. Writes temporary files to `folder`. */
export async function compileCorpus(folder, every = 1) {
  const fileToGenerate = corpusFiles(every);
  const set = join(folder, `set-${every}.binpb`);
  const options = ["-I", corpusFolder, "--include_imports", "--include_source_info", "-o", set];
  await run("protoc", [...options, ...fileToGenerate], { cwd: fileURLToPath(new URL("..", import.meta.url)) });
  const { file: protoFile } = fromBinary(FileDescriptorSetSchema, readFileSync(set));
  const names = new Set(fileToGenerate);
  const services = protoFile.filter(({ name }) => names.has(name)).flatMap(({ service }) => service);
  return {
    rpcs: services.flatMap(({ method }) => method).length,
    /** Writes the request with a plugin option to a file. @returns a function that opens the file as a stream */
    request(parameter) {
      const path = join(folder, `request-${every}-${parameter.replace(/\W/g, "-")}.bin`);
      const request = create(CodeGeneratorRequestSchema, { fileToGenerate, protoFile, parameter });
      writeFileSync(path, toBinary(CodeGeneratorRequestSchema, request));
      return () => createReadStream(path);
    },
  };
}
