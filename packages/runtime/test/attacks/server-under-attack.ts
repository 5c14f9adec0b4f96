import { expect } from "vitest";
import { seeded, shuffle } from "../random.js";
import { attackServer, type Conversation } from "./attack.js";
import { problemsOf } from "./judge-handlers.js";
import type { ServerSummary } from "./outcomes.js";
import { unharmed, Victim } from "./victim.js";

/** Attacks a new server and expects it to survive. @returns the outcomes of its handlers */
export async function withServer(
  folder: string,
  attack: (port: number, victim: Victim) => Promise<void>,
): Promise<ServerSummary> {
  const victim = new Victim(folder, "server");
  const failure = await attack(Number(await victim.line()), victim).catch(String);
  victim.end();
  const exit = await victim.exit();
  expect({ ...exit, failure }).toEqual({ ...unharmed, failure: undefined });
  const summary = JSON.parse(await victim.line()) as ServerSummary;
  expect(summary).toMatchObject({ reports: [], resources: [] });
  expect(summary.closeMs, "the time to close after all calls are over").toBeLessThan(1000);
  return summary;
}

/** Runs conversations with a new server, shuffled in the same order each time, and expects every rule to hold. */
export async function expectUnharmed(folder: string, conversations: readonly Conversation[]): Promise<void> {
  const order = shuffle(seeded(1), conversations);
  const summary = await withServer(folder, (port, victim) => attackServer(victim, port, order));
  expect(problemsOf(summary, conversations)).toEqual([]);
}
