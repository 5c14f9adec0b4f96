import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

const file = join(root, "interop/errors.json");
const image = join(root, ".tools/errors.binpb");

/** The errors that the test programs in all languages share: name, code, message, details, metadata. */
export const { errors } = JSON.parse(readFileSync(file, "utf8"));

/** The flags of the programs with grpc-go. */
export const errorsFlags = [`--errors=${file}`, `--image=${image}`];

/** Compiles the protos of these errors for those programs. */
export async function buildErrors() {
  await run("buf", ["build", "interop/proto", "--as-file-descriptor-set", "-o", image]);
}
