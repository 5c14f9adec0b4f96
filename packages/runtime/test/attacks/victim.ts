import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** The time within which a victim must exit by itself. */
const EXIT_MS = 10_000;

/** An attacked program. It runs in its own process, where no handler of the test runner can hide an uncaught error. */
export class Victim {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #exit: Promise<number | NodeJS.Signals | null>;
  #stderr = "";
  #running = true;

  /** Starts a compiled program. It is killed when the test is over. */
  constructor(
    folder: string,
    program: `${"" | "unread-" | "writing-"}${"server" | "client"}` | "refused-client" | "waiting-client",
    args: readonly string[] = [],
    nodeOptions: readonly string[] = [],
  ) {
    const path = join(folder, "test/attacks/programs", `${program}.js`);
    // Do not pass on the options of the test runner's own process.
    this.#child = spawn(process.execPath, [...nodeOptions, path, ...args], {
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    this.#child.stderr.on("data", (chunk) => {
      this.#stderr += chunk;
    });
    this.#child.stdin.on("error", () => {});
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.#exit = new Promise((resolve) =>
      this.#child.once("close", (code, signal) => {
        this.#running = false;
        resolve(signal ?? code);
      }),
    );
    onTestFinished(async () => {
      this.#child.kill("SIGKILL");
      await this.#exit;
    });
  }

  /** Whether the process is running. */
  get running(): boolean {
    return this.#running;
  }

  /** The next line of its output. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`The victim has ended: ${await this.#exit}\n${this.#stderr}`);
    return value;
  }

  /** Writes a line to its input. */
  send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Writes a line to its input, if one is given, and ends the input. */
  end(line = ""): void {
    this.#child.stdin.end(line);
  }

  /** Waits until it exits by itself. @returns its exit code or the signal that ended it, and its standard error */
  async exit(): Promise<{ readonly code: number | NodeJS.Signals | null | "still running"; readonly stderr: string }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"still running">((resolve) => {
      timer = setTimeout(() => resolve("still running"), EXIT_MS);
    });
    const code = await Promise.race([this.#exit, late]);
    clearTimeout(timer);
    return { code, stderr: this.#stderr };
  }
}

/** The exit of a victim that has survived an attack. */
export const unharmed = { code: 0, stderr: "" };
