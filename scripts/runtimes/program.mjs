import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../lib/root.mjs";

const folder = join(root, "runtimes");

/** The time for a program to end, in milliseconds. */
const limit = 10_000;

/** The command that runs a program of runtimes/src with a runtime. */
export function program(runtime, name, ...args) {
  return [...runtime.command, join(folder, "dist/runtimes/src", `${name}.js`), ...args];
}

/**
 * Runs a command.
 *
 * @param onLine called with each line of JSON that it prints
 */
export function start([command, ...args], onLine) {
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  createInterface(child.stdout).on("line", (line) => {
    if (line.startsWith("{")) onLine(JSON.parse(line));
    else output += `${line}\n`;
  });
  const ended = once(child, "close").then(([code, signal]) => signal ?? code);
  return {
    /** Resolves to the exit code, or to the signal that has ended the program. */
    ended,
    /** What it has printed besides the lines. */
    output: () => output.trim(),
    /** Ends the program if it does not end soon. Resolves like `ended`. */
    async end() {
      const timer = setTimeout(() => child.kill("SIGKILL"), limit);
      return await ended.finally(() => clearTimeout(timer));
    },
    /** Sends a signal that ends the program. Resolves like `ended`. */
    async stop(signal) {
      child.kill(signal);
      return await this.end();
    },
  };
}
