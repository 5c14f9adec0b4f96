import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LibraryName } from "./libraries.js";

/** Options of a server. */
export interface ServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The calls that a client may have in flight on a connection. Default: 1000. */
  readonly maxConcurrentStreams?: number;
  /** Whether it prints what it does by default, and the process counts the lines. Default: false. */
  readonly prints?: boolean;
}

/** What a server process does. */
export interface ServerPlan extends ServerOptions {
  readonly library: LibraryName;
  /** A file to which the text of each unary call is appended before it is answered. */
  readonly ledger?: string;
  /** The processor time of a unary call, in milliseconds. Default: 0. */
  readonly burn?: number;
}

/** What a server process can be told. */
export type ServerOrder = "state" | "reset" | "close";

/** What a server process tells about itself. */
export interface ServerState {
  readonly port: number;
  /** The unary calls that handlers have executed. */
  readonly executed: number;
  /** The longest time for which the event loop was blocked since the last reset, in milliseconds. */
  readonly stall: number;
  /** The most resident memory since the last reset, in MB. */
  readonly memory: number;
  /** How much more that is than at the last reset, in MB. */
  readonly growth: number;
}

/** A server in a process of its own, which ends with this process. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<string>;
  readonly #plan: ServerPlan;
  #port = 0;
  #lines = 0;

  private constructor(plan: ServerPlan) {
    this.#plan = plan;
    const path = fileURLToPath(new URL("programs/server.js", import.meta.url));
    const [out, error] = plan.prints ? (["pipe", "pipe"] as const) : (["ignore", "inherit"] as const);
    this.#child = fork(path, [JSON.stringify(plan)], { stdio: ["ignore", out, error, "ipc"] });
    this.#child.on("error", () => {});
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#lines += text.split("\n").length - 1;
      });
    }
    this.#exit = new Promise((resolve) =>
      this.#child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`)),
    );
  }

  /** Starts a server. Resolves when it listens. */
  static async start(plan: ServerPlan): Promise<ServerProcess> {
    const server = new ServerProcess(plan);
    server.#port = (await server.#next()).port;
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** The lines that a server has printed that `prints`. */
  get lines(): number {
    return this.#lines;
  }

  /** Starts a server like this one on the same port, once this one has ended. */
  async restart(): Promise<ServerProcess> {
    await this.#exit;
    return await ServerProcess.start({ ...this.#plan, port: this.#port });
  }

  /** Ends the process as `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }

  /** Closes the server gracefully. Resolves when its process has ended. @param limit after which it is killed, in milliseconds */
  async close(limit?: number): Promise<void> {
    this.#child.send("close" satisfies ServerOrder);
    const timer = limit === undefined ? undefined : setTimeout(() => this.#child.kill("SIGKILL"), limit);
    await this.#exit;
    clearTimeout(timer);
  }

  /** Its present state. @throws Error if the process has ended */
  async state(): Promise<ServerState> {
    return await this.#ask("state");
  }

  /** Begins new measurements. */
  async reset(): Promise<void> {
    await this.#ask("reset");
  }

  async #ask(order: ServerOrder): Promise<ServerState> {
    const state = this.#next();
    if (this.#child.connected) this.#child.send(order, () => {});
    return await state;
  }

  async #next(): Promise<ServerState> {
    const state = new Promise<ServerState>((resolve) =>
      this.#child.once("message", resolve as (value: unknown) => void),
    );
    const end = this.#exit.then((how) => {
      throw new Error(`The server process has ended: ${how}`);
    });
    return await Promise.race([state, end]);
  }
}
