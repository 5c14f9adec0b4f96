import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { News, Order, Remains } from "./protocol.js";
import type { Side } from "./session.js";

/** The time within which a victim must exit by itself after it has closed everything. */
const EXIT_MS = 10_000;
/** The time within which the end of a process is noticed. */
const DYING_MS = 1000;
/** The number of characters of standard error that are kept. */
const MAX_STDERR = 4000;

/** A fuzzed program, in its own process. */
export class Victim {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | NodeJS.Signals | null>;
  readonly #listeners = new Set<(news: News) => void>();
  #stderr = "";
  #running = true;

  private constructor(side: Side) {
    const path = fileURLToPath(new URL(`programs/${side}.js`, import.meta.url));
    this.#child = fork(path, { execArgv: ["--expose-gc"], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child.stderr?.on("data", (chunk) => {
      this.#stderr = `${this.#stderr}${chunk}`.slice(0, MAX_STDERR);
    });
    this.#child.on("message", (news: News) => {
      for (const listener of this.#listeners) listener(news);
    });
    this.#child.on("error", () => {});
    this.#exit = new Promise((resolve) =>
      this.#child.once("close", (code, signal) => {
        this.#running = false;
        resolve(signal ?? code);
      }),
    );
  }

  /** Starts a victim. @returns the victim, and its port if it is a server */
  static async start(side: Side): Promise<{ readonly victim: Victim; readonly port: number }> {
    const victim = new Victim(side);
    const ready = await victim.next("ready");
    if (ready === undefined) throw new Error(`The ${side} does not start: ${await victim.death()}`);
    return { victim, port: ready.port };
  }

  /** Whether the process is running. */
  get running(): boolean {
    return this.#running;
  }

  /** Sends an order. */
  order(order: Order): void {
    if (this.#running && this.#child.connected) this.#child.send(order, () => {});
  }

  /** Waits for the next news of a kind; `undefined` if the process ends first. */
  async next<Name extends News["news"]>(
    name: Name,
    isMeant: (news: Extract<News, { readonly news: Name }>) => boolean = () => true,
  ): Promise<Extract<News, { readonly news: Name }> | undefined> {
    let listener: ((news: News) => void) | undefined;
    const arrived = new Promise<Extract<News, { readonly news: Name }>>((resolve) => {
      listener = (news) => {
        const meant = news as Extract<News, { readonly news: Name }>;
        if (news.news === name && isMeant(meant)) resolve(meant);
      };
      this.#listeners.add(listener);
    });
    const news = await Promise.race([arrived, this.#exit.then(() => undefined)]);
    if (listener !== undefined) this.#listeners.delete(listener);
    return news;
  }

  /** Its resources while nothing is in flight; `undefined` if it has ended. */
  async remains(): Promise<Remains | undefined> {
    const news = this.next("remains");
    this.order({ order: "remains" });
    return (await news)?.remains;
  }

  /** Waits for its end and describes it. */
  async death(): Promise<string> {
    return `exit code ${await this.#exit}\n${this.#stderr}`;
  }

  /** Describes its end if it ends now, which may explain the problem; otherwise returns the problem. */
  async deathOr(problem: string): Promise<string> {
    const ended = await Promise.race([this.#exit.then(() => true), sleep(DYING_MS, false)]);
    return ended ? await this.death() : problem;
  }

  /** Closes it. @returns what went wrong */
  async close(): Promise<string | undefined> {
    this.order({ order: "close" });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), EXIT_MS);
    });
    const end = await Promise.race([this.#exit, late]);
    clearTimeout(timer);
    if (end === 0) return undefined;
    this.#child.kill("SIGKILL");
    return end === "late" ? "something keeps the process alive after everything is closed" : await this.death();
  }
}
