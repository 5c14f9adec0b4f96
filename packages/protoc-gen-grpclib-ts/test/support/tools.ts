import { spawnSync } from "node:child_process";
import { built, inPackage, inRepository } from "./folders.js";

/** The paths of the programs that tests run. */
export const tools = {
  protoc: () => inPackage("node_modules/.bin/protoc"),
  buf: () => inRepository("node_modules/.bin/buf"),
  protocGenEs: () => inRepository("node_modules/.bin/protoc-gen-es"),
  "newest protocGenEs": () => inPackage("node_modules/.bin/protoc-gen-es"),
  plugin: () => {
    built("packages/protoc-gen-grpclib-ts/dist/generate.js");
    return inPackage("bin/protoc-gen-grpclib-ts");
  },
  checkPlugin: () => {
    built("packages/protoc-gen-grpclib-ts/dist/check.js");
    return inPackage("bin/buf-plugin-grpclib-ts");
  },
  "tsc 5.4": () => inPackage("node_modules/typescript-5.4/bin/tsc"),
  "tsc 5.9": () => inPackage("node_modules/typescript-5.9/bin/tsc"),
  "tsc 7": () => inRepository("node_modules/.bin/tsc"),
};

export type Tool = keyof typeof tools;

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: Uint8Array;
  /** Environment variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The result of running a program. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program and waits until it exits. */
export function run(
  tool: Tool,
  args: readonly string[],
  { cwd = inPackage("."), input, env = {} }: RunOptions = {},
): Outcome {
  const options = { cwd, input, env: { ...process.env, ...env }, maxBuffer: 2 ** 30 };
  const { status, stdout, stderr, error } = spawnSync(tools[tool](), args, options);
  if (error !== undefined) {
    throw error;
  }
  return { status, stdout, stderr: stderr.toString() };
}

/** Runs a program, and returns its output. Throws if the program fails. */
export function succeed(tool: Tool, args: readonly string[], options: RunOptions = {}): Buffer {
  const { status, stdout, stderr } = run(tool, args, options);
  if (status !== 0) {
    throw new Error(`${tool} ${args.join(" ")} failed: ${stderr}${stdout}`);
  }
  return stdout;
}
