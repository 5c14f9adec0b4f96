import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/root.mjs";

/** The errors that the test programs in all languages share: name, code, message, details. */
export const { errors } = JSON.parse(readFileSync(join(root, "interop/errors.json"), "utf8"));
