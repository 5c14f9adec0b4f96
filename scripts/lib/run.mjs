import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { Failure } from "./failure.mjs";
import { root } from "./root.mjs";

/** The PATH without the tools of this repository, for commands that run as in a project of a user. */
export const pathOutside = process.env.PATH.split(delimiter)
  .filter((entry) => !entry.startsWith(root))
  .join(delimiter);

/**
 * Runs a command. Resolves to its output, or rejects with a Failure that contains it. Tools installed in `cwd` or at
 * the root can be called by name.
 *
 * Options: `cwd` (default: the root), `env` (additional environment variables), and `show`, which sends the output to
 * the terminal instead of collecting it.
 */
export function run(command, args, { cwd = root, env = {}, show = false } = {}) {
  const tools = [cwd, root].map((folder) => join(folder, "node_modules/.bin"));
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, PATH: [...tools, process.env.PATH].join(delimiter), npm_config_loglevel: "error", ...env },
    stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
  });
  const chunks = [];
  child.stdout?.on("data", (chunk) => chunks.push(chunk));
  child.stderr?.on("data", (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const output = Buffer.concat(chunks).toString().trim();
      if (code === 0) resolve(output);
      else reject(new Failure(`${output}\n${[command, ...args].join(" ")}: ${signal ?? `exit code ${code}`}`.trim()));
    });
  });
}
