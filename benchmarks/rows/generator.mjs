import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/lib/root.mjs";
import { compileCorpus } from "../lib/corpus.mjs";
import { interleave } from "../lib/figures.mjs";
import { runPlugin } from "../lib/run-plugin.mjs";

const ours = join(root, "packages/protoc-gen-grpclib-ts/bin/protoc-gen-grpclib-ts");
const schemaOnly = fileURLToPath(new URL("../lib/schema-plugin.mjs", import.meta.url));

/** The plugin's time for all of googleapis, compared to a plugin that only builds the schema. Excludes the compiler. */
export const generatorRows = [row("target=ts", 3), row("target=js+dts", 5)];

function row(option, atMost) {
  return {
    name: `generator, googleapis, ${option}`,
    unit: "wall time",
    targets: [{ metric: "wall time", of: "protoc-gen-grpclib-ts", over: "only the schema", atMost }],
    async measure({ node, runs, folder, quick }) {
      const request = (await compileCorpus(folder, quick ? 8 : 1)).request(option);
      const measure = (program) => async () => ({ "wall time": await runPlugin(program, request, { node }) });
      return await interleave(
        { "only the schema": measure(schemaOnly), "protoc-gen-grpclib-ts": measure(ours) },
        { runs },
      );
    },
  };
}

export const growthRow = {
  name: "generator, growth",
  unit: "time per rpc",
  thorough: true,
  targets: [
    { metric: "time per rpc", of: "half", over: "a quarter", atMost: 1.3 },
    { metric: "time per rpc", of: "all", over: "a quarter", atMost: 1.3 },
  ],
  /** Measures the time for a quarter, half and all of googleapis. */
  async measure({ node, runs, folder }) {
    const subjects = {};
    for (const [name, every] of Object.entries({ "a quarter": 4, half: 2, all: 1 })) {
      const corpus = await compileCorpus(folder, every);
      const request = corpus.request("target=ts");
      subjects[name] = async () => ({ "time per rpc": (await runPlugin(ours, request, { node })) / corpus.rpcs });
    }
    return await interleave(subjects, { runs });
  },
};
