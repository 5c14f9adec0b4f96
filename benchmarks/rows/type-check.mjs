import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { run } from "../../scripts/lib/run.mjs";
import { corpusFiles, corpusFolder } from "../lib/corpus.mjs";

const compilerOptions = {
  strict: true,
  noEmit: true,
  target: "es2022",
  module: "nodenext",
  lib: ["es2022", "esnext.disposable", "dom"],
  types: [],
  skipLibCheck: true,
};

/** Generates services and messages for all of googleapis, and type-checks them. protoc-gen-es alone takes minutes. */
export const typeCheckRow = {
  name: "types of all of googleapis",
  unit: "wall time",
  slow: true,
  targets: [],
  async measure({ folder }) {
    const project = join(folder, "googleapis");
    link("packages/runtime", join(project, "node_modules/@grpclib-ts/runtime"));
    link("packages/runtime/node_modules/@bufbuild/protobuf", join(project, "node_modules/@bufbuild/protobuf"));
    writeFileSync(join(project, "package.json"), `{ "type": "module" }`);
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["gen"] }));
    mkdirSync(join(project, "gen"));
    for (const plugin of [join(root, "node_modules/.bin/protoc-gen-es"), ours]) {
      const options = [
        `--plugin=protoc-gen-bench=${plugin}`,
        "--bench_out=gen",
        "--bench_opt=target=ts,import_extension=js",
      ];
      const program = join(root, "benchmarks/node_modules/.bin/protoc");
      await run(program, ["-I", corpusFolder, ...options, ...corpusFiles()], { cwd: project });
    }
    const output = await run("tsc", ["-p", ".", "--extendedDiagnostics"], { cwd: project });
    const [, seconds] = /Total time:\s*([\d.]+)s/.exec(output) ?? [];
    const [, kilobytes] = /Memory used:\s*(\d+)K/.exec(output) ?? [];
    return { tsc: { "wall time": [Number(seconds)], memory: [Number(kilobytes) * 1024] } };
  },
};

const ours = join(root, "packages/protoc-gen-grpclib-ts/bin/protoc-gen-grpclib-ts");

function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, target), path);
}
