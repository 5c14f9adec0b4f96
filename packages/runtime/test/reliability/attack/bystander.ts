import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The calls of a {@link Bystander}. */
export interface BystanderReport {
  readonly calls: number;
  readonly failed: number;
  /** The calls that failed, by status, as text. */
  readonly failures: string;
  /** The time in which 99 % of the answers came, in milliseconds. */
  readonly p99: number;
}

/** The calls before an attack, in milliseconds. */
const WARM_MS = 1000;

/** A good client of an attacked server, in a process of its own, with 50 calls per second. */
export class Bystander {
  readonly #child: ChildProcess;

  private constructor(port: number) {
    this.#child = fork(fileURLToPath(new URL("../programs/bystander.js", import.meta.url)), [String(port)]);
  }

  static async start(port: number): Promise<Bystander> {
    const bystander = new Bystander(port);
    await sleep(WARM_MS);
    return bystander;
  }

  /** Ends its calls. */
  async stop(): Promise<BystanderReport> {
    const report = new Promise<BystanderReport>((resolve, reject) => {
      this.#child.once("message", (message) => resolve(message as BystanderReport));
      this.#child.once("exit", (code, signal) => reject(new Error(`The bystander has ended: ${signal ?? code}`)));
    });
    this.#child.send("stop");
    return await report;
  }
}
