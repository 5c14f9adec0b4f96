import { setTimeout as sleep } from "node:timers/promises";
import { Status } from "../../../src/index.js";
import { median } from "../../median.js";
import { AFTER_FAILURE_MS, callOnce } from "../callers.js";
import type { Client } from "../libraries.js";
import type { Figures, Scenario, Setting } from "../scenario.js";
import { Tally } from "../tally.js";

/** What a case has measured. */
export interface Measured {
  readonly tally: Tally;
  /** The times until the peer worked again, one for each round, in milliseconds. */
  readonly recoveries: readonly number[];
  /** The lines that servers have printed. */
  readonly lines?: number;
}

/** Brings about a situation in some rounds, with one library. */
export type Case = (setting: Setting) => Promise<Measured>;

/** How often each situation is brought about. */
export const ROUNDS = 3;

/** The time of a call, in milliseconds. */
export const TIMEOUT_MS = 2_000;
/** A channel that has not recovered within this time is given up, in milliseconds. */
const PATIENCE_MS = 5_000;

/** Makes calls until one is answered. @returns the time until then in milliseconds */
export async function nextAnswer(client: Client, tally: Tally): Promise<number> {
  const start = performance.now();
  for (;;) {
    const status = await callOnce(client, tally, { timeout: TIMEOUT_MS });
    const time = performance.now() - start;
    if (status === Status.OK || time > PATIENCE_MS) return time;
    await sleep(AFTER_FAILURE_MS);
  }
}

/** A case with {@link ROUNDS} rounds. @param round makes calls. Returns the time until the peer worked again */
export function inRounds(round: (setting: Setting, tally: Tally) => Promise<number>): Case {
  return async (setting) => {
    const tally = new Tally();
    const recoveries: number[] = [];
    for (let count = 0; count < ROUNDS; count++) recoveries.push(await round(setting, tally));
    return { tally, recoveries };
  };
}

export const compareColumns: readonly string[] = ["cases", "calls", "not OK", "hung", "recovery, ms", "lines printed"];

/**
 * A scenario of several cases.
 *
 * @param together whether they run at the same time, since they wait rather than work. Default: false
 */
export function scenarioOf(cases: Readonly<Record<string, Case>>, { together = false } = {}): Scenario {
  return async (setting) => {
    const all = new Tally();
    const figures: Record<string, Figures> = {};
    const runCase = async ([name, run]: [name: string, run: Case]) => {
      const { tally, recoveries, lines = 0 } = await run(setting);
      const recovery = Math.round(median(recoveries));
      figures[name] = { failed: tally.failed + tally.hung, recovery, lines };
      all.include(tally);
      const counts = `${tally.calls} calls, not OK: ${tally.failures}, hung: ${tally.hung}`;
      setting.print(`  ${setting.library}, ${name}: ${counts}, recovery: ${recovery} ms, lines: ${lines}`);
    };
    if (together) await Promise.all(Object.entries(cases).map(runCase));
    else for (const each of Object.entries(cases)) await runCase(each);
    const each = Object.values(figures);
    const recovery = Math.max(...each.map((one) => one.recovery));
    const lines = each.reduce((sum, one) => sum + one.lines, 0);
    return {
      cells: [each.length, all.calls, all.failures, all.hung, recovery, lines],
      problems: [],
      figures,
    };
  };
}
