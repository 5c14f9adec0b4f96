import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** How long a victim may take to end by itself. */
const EXIT_MS = 10_000;

/** A program under attack, in a process of its own, where no handler of the test runner hides an uncaught error. */
export class Victim {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #exit: Promise<number | NodeJS.Signals | null>;
  #stderr = "";
  #running = true;

  /** Starts a compiled program, which is killed when the test is over. */
  constructor(
    folder: string,
    program: `${"" | "unread-" | "writing-"}${"server" | "client"}`,
    args: readonly string[] = [],
  ) {
    const path = join(folder, "test/attacks/programs", `${program}.js`);
    // The runner's options for itself, such as those of its workers, are not for the victim.
    this.#child = spawn(process.execPath, [path, ...args], { env: { ...process.env, NODE_OPTIONS: "" } });
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

  /** Whether the process has not ended. */
  get running(): boolean {
    return this.#running;
  }

  /** The next line of its output. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`The victim has ended: ${await this.#exit}\n${this.#stderr}`);
    return value;
  }

  /** Passes a line to it. */
  send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Passes a line to it, if there is one, and ends its input. */
  end(line = ""): void {
    this.#child.stdin.end(line);
  }

  /** Waits until it has ended by itself. @returns its exit code, or the signal that ended it, and its standard error */
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

/** How a victim ends that has survived an attack. */
export const unharmed = { code: 0, stderr: "" };
