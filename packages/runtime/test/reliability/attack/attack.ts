import { setTimeout as sleep } from "node:timers/promises";
import { problemsIf, type Scenario } from "../scenario.js";
import { ServerProcess } from "../server-process.js";
import { Bystander } from "./bystander.js";

/** How long an attack lasts, in milliseconds. */
export const ATTACK_MS = 5_000;
/** The time after an attack in which its effects still count, in milliseconds. */
const AFTER_MS = 1_000;

/** An attack, and what it may do to the server at most. */
export interface Attack {
  /** Attacks the server on a port. @returns what was sent, as text */
  readonly run: (port: number) => Promise<string>;
  /** In MB. */
  readonly memory: number;
  /** The longest time for which the event loop is blocked, in milliseconds. */
  readonly stall: number;
}

export const attackColumns: readonly string[] = [
  "sent",
  "calls of the bystander",
  "not OK",
  "their p99, ms",
  "longest stall, ms",
  "bound",
  "growth of the memory, MB",
  "bound",
];

/** Attacks a server process, while a bystander makes calls. */
export function scenarioOf(attack: Attack): Scenario {
  return async ({ library }) => {
    const server = await ServerProcess.start({ library });
    const bystander = await Bystander.start(server.port);
    await server.reset();
    const sent = await attack.run(server.port);
    await sleep(AFTER_MS);
    const state = await server.state().catch(() => undefined);
    const { calls, failed, failures, p99 } = await bystander.stop();
    await server.kill();
    const stall = state?.stall ?? Number.POSITIVE_INFINITY;
    const growth = state?.growth ?? Number.POSITIVE_INFINITY;
    return {
      cells: [sent, calls, failures, p99, stall, attack.stall, growth, attack.memory],
      problems: problemsIf({
        "the server process has ended": state === undefined,
        [`the bystander's calls failed: ${failures}`]: failed > 0,
        [`the event loop was blocked for ${stall} ms, at most ${attack.stall} ms are allowed`]: stall > attack.stall,
        [`the memory grew by ${growth} MB, at most ${attack.memory} MB are allowed`]: growth > attack.memory,
      }),
    };
  };
}
