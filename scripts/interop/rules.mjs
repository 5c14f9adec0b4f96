import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

const requests = join(root, "interop/rules.json");
const image = join(root, ".tools/rules.binpb");

/** The names of the requests that are checked by protovalidate-go, and by a server of ours. */
export const ruleCases = Object.keys(JSON.parse(readFileSync(requests, "utf8")));

/** The flags of the client with protovalidate-go. */
export const rulesFlags = [`--cases=${requests}`, `--image=${image}`];

/** Compiles the protos with rules for that client. */
export async function buildRules() {
  await run("buf", ["build", "packages/runtime/test/rules/proto", "--as-file-descriptor-set", "-o", image]);
}
