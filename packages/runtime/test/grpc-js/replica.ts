import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A server in a process of its own. Its responses have its host as text. */
export class Replica {
  readonly host: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exit: Promise<NodeJS.Signals | number | null>;

  private constructor(child: ChildProcess, host: string, port: number) {
    this.#child = child;
    this.#exit = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
    this.host = host;
    this.port = port;
  }

  /** Starts a server. It is killed when the test is over. @param folder that of the compiled programs */
  static async start(folder: string, host: string, port = 0): Promise<Replica> {
    const program = join(folder, "test/grpc-js/programs/replica.js");
    const child = spawn(process.execPath, [program, host, `${port}`], {
      // Do not pass on the options of the test runner's own process.
      env: { ...process.env, NODE_OPTIONS: "" },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const listening = await new Promise<number>((resolve, reject) => {
      child.once("message", (message) => resolve(message as number));
      child.once("exit", (code) => reject(new Error(`The replica on ${host} has ended with code ${code}`)));
    });
    return new Replica(child, host, listening);
  }

  /** Ends it as `kill -9` does, while calls wait for their response headers. @returns how it has ended */
  async die(): Promise<NodeJS.Signals | number | null> {
    this.#child.send("die");
    return await this.#exit;
  }
}
