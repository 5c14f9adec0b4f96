import { setTimeout as sleep } from "node:timers/promises";
import type { Kind } from "./kinds.js";
import { print } from "./print.js";
import { protocols } from "./protocols.js";
import { type Scenario, scenarios } from "./scenarios.js";
import { type Places, Subject } from "./subject.js";

/** The time limit of a scenario, in milliseconds. */
const limit = 10_000;

// Runs the scenarios with all kinds of calls that the protocol has, and prints the outcome of each.
const [where = "", only] = process.argv.slice(2);
const places: Places = JSON.parse(where);
const protocol = protocols[places.protocol];
for (const [name, scenario] of Object.entries(scenarios)) {
  if ((only !== undefined && name !== only) || (scenario.http2 && !protocol.http2)) continue;
  for (const kind of protocol.kinds) {
    if (scenario.kinds?.includes(kind) === false) continue;
    print({ scenario: name, kind, error: await errorOf(scenario, kind) });
  }
}
// The channels are still open, but without calls. They do not keep the process alive.
print({ done: true });

async function errorOf(scenario: Scenario, kind: Kind): Promise<string | undefined> {
  const ended = new AbortController();
  try {
    await Promise.race([scenario.run(new Subject(kind, places)), timeLimit(ended.signal)]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    ended.abort();
  }
}

async function timeLimit(signal: AbortSignal): Promise<void> {
  const passed = await sleep(limit, true, { signal }).catch(() => false);
  if (passed) throw new Error(`It has not ended within ${limit} ms`);
}
