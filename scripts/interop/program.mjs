import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/root.mjs";

/** The program to run for a file in interop/src. */
export function ours(name) {
  return { command: process.execPath, args: [`interop/dist/${name}.js`] };
}

/** The version of a package that programs in interop/src use. */
export function npmVersion(name) {
  return JSON.parse(readFileSync(join(root, "interop/package.json"), "utf8")).dependencies[name];
}

/** The same program with more flags. */
export function withFlags(program, flags) {
  return { ...program, args: [...program.args, ...flags] };
}
