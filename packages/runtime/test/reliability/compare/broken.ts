import { setTimeout as sleep } from "node:timers/promises";
import { type Breach, breaking, violations } from "../../peers/breaking.js";
import { callOnce } from "../callers.js";
import { type Case, inRounds, nextAnswer, TIMEOUT_MS } from "./case.js";
import { withPeer } from "./with-peer.js";

/** Longer than a peer waits before it breaks HTTP/2 on an idle connection, in milliseconds. */
const AFTER_BREACH_MS = 60;

/** A peer answers a call, and then breaks HTTP/2 in one of several ways and closes the connection. */
export function breaches(during: Breach["during"]): Readonly<Record<string, Case>> {
  const cases = Object.entries(violations).map(([name, violation]) => {
    const serve = breaking({ violation, during, closes: true });
    const run = inRounds((setting, tally) =>
      withPeer(setting, serve, async (client) => {
        await callOnce(client, tally, { timeout: TIMEOUT_MS });
        await sleep(AFTER_BREACH_MS);
        return await nextAnswer(client, tally);
      }),
    );
    return [name, run] as const;
  });
  return Object.fromEntries(cases);
}
