// A good client of an attacked server, in a process of its own: makes 50 calls per second to the port in its argument
// until it gets a message, then tells their outcomes.
import { setTimeout as sleep } from "node:timers/promises";
import type { BystanderReport } from "../attack/bystander.js";
import { callOnce } from "../callers.js";
import { connect } from "../libraries.js";
import { Tally } from "../tally.js";

const INTERVAL_MS = 20;
const TIMEOUT_MS = 10_000;

const client = connect("grpclib-ts", Number(process.argv[2]));
const tally = new Tally();
const times: number[] = [];
const calls: Promise<void>[] = [];
let running = true;

process.on("message", () => {
  running = false;
});
process.on("disconnect", () => process.exit());

async function timed(): Promise<void> {
  const start = performance.now();
  if ((await callOnce(client, tally, { timeout: TIMEOUT_MS })) === 0) times.push(performance.now() - start);
}

while (running) {
  calls.push(timed());
  await sleep(INTERVAL_MS);
}
await Promise.all(calls);
client.close();
times.sort((a, b) => a - b);
const report: BystanderReport = {
  calls: tally.calls,
  failed: tally.calls - times.length,
  failures: tally.hung > 0 ? `${tally.failures}, ${tally.hung} hung` : tally.failures,
  p99: Math.round(times[Math.floor(0.99 * times.length)] ?? Number.NaN),
};
process.send?.(report, () => process.exit());
