import { execFile } from "node:child_process";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

/** The time limit for a client to run a case, in milliseconds. */
const limit = 40_000;

/** Runs a client. Rejects with its output if its exit code is not 0 or if it takes too long. */
export async function runClient(program) {
  const { code, output, end } = await outcomeOf(program);
  if (code !== 0) throw new Failure(`${output}\n${end}`.trim());
}

/**
 * Runs a program to its end.
 *
 * @returns its exit code, what it printed to stdout, all that it printed, and how it ended, in words
 * @throws the error of execFile() if the program cannot be started
 */
export function outcomeOf({ command, args, env }) {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, env: { ...process.env, ...env }, timeout: limit };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (child.pid === undefined) return reject(error);
      const { exitCode: code, signalCode: signal } = child;
      const end = error?.killed ? `it took more than ${limit} ms` : (signal ?? `exit code ${code}`);
      resolve({ code, stdout, output: `${stdout}${stderr}`.trim(), end });
    });
  });
}
