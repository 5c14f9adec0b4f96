import { expect, test } from "vitest";
import { kinds } from "../calls/kinds.js";
import { seeded, shuffle } from "../random.js";
import { startAttackingServer } from "./attacking-server.js";
import { callsOf, plans } from "./calls.js";
import { compilePrograms } from "./compile.js";
import { problemsOf } from "./judge-calls.js";
import type { ClientSummary } from "./outcomes.js";
import { unharmed, Victim } from "./victim.js";

const folder = compilePrograms();

test.for(kinds)(
  "a client survives a server that ends a call at any point in any way (%s)",
  { timeout: 60_000 },
  async (kind) => {
    // Shuffled in the same order each time.
    const calls = shuffle(seeded(1), plans[kind].flatMap(callsOf));
    const victim = new Victim(folder, "client", [String(await startAttackingServer(calls))]);
    victim.end(JSON.stringify(calls));
    const line = victim.line();
    expect(await victim.exit()).toEqual(unharmed);
    const summary = JSON.parse(await line) as ClientSummary;
    expect(problemsOf(summary.calls, calls)).toEqual([]);
    expect(summary).toMatchObject({ goodCalls: calls.length, resources: [] });
  },
);
