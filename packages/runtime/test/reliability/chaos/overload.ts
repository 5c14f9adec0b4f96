import { setTimeout as sleep } from "node:timers/promises";
import { Callers, callOnce } from "../callers.js";
import { type Client, connect } from "../libraries.js";
import { problemsIf, type Scenario, type Table } from "../scenario.js";
import { ServerProcess } from "../server-process.js";
import { Tally } from "../tally.js";

/** The processor time of each call in the handler, in milliseconds. */
const BURN_MS = 2;
const TIMEOUT_MS = 500;
/** How long each load lasts, in milliseconds. */
const LOAD_MS = 8_000;
const FEW_STREAMS = 16;
/** How often calls are started, in milliseconds. */
const TICK_MS = 5;

/** The most calls per second that the server answers, with 16 in flight. */
async function capacityOf(client: Client): Promise<number> {
  const measure = async (milliseconds: number) => {
    const tally = new Tally();
    const callers = new Callers(client, tally, 16, { timeout: 10_000 });
    await sleep(milliseconds);
    await callers.stop();
    return (1000 * tally.acknowledged.length) / milliseconds;
  };
  await measure(2_000); // warm
  return await measure(4_000);
}

/** Starts calls at a fixed rate, whether they are answered or not. @returns the outcomes and the times of answers */
async function load(client: Client, perSecond: number) {
  const tally = new Tally();
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  const start = performance.now();
  for (let now = start; now < start + LOAD_MS; now = performance.now()) {
    for (const due = ((now - start) * perSecond) / 1000; calls.length < due; ) calls.push(timed(client, tally, times));
    await sleep(TICK_MS);
  }
  await Promise.all(calls);
  return { tally, times: times.sort((a, b) => a - b) };
}

async function timed(client: Client, tally: Tally, times: number[]): Promise<void> {
  const start = performance.now();
  if ((await callOnce(client, tally, { timeout: TIMEOUT_MS })) === 0) times.push(performance.now() - start);
}

/**
 * A handler that burns processor time gets a multiple of the calls that it can
 * execute, with a deadline. The client is always that of this library.
 *
 * @param maxConcurrentStreams the calls of the client that the server accepts at a time; others wait in the client
 */
function overload(multiple: number, maxConcurrentStreams = 1000): Scenario {
  return async ({ library }) => {
    const server = await ServerProcess.start({ library, burn: BURN_MS, maxConcurrentStreams });
    const client = connect("grpclib-ts", server.port);
    const capacity = await capacityOf(client);
    const before = (await server.state()).executed;
    const { tally, times } = await load(client, capacity * multiple);
    const executed = (await server.state()).executed - before;
    client.close();
    await server.kill();
    const answered = tally.acknowledged.length;
    const goodput = (1000 * answered) / LOAD_MS;
    const p99 = times[Math.floor(0.99 * times.length)];
    return {
      cells: [
        Math.round(capacity),
        tally.calls,
        Math.round(goodput),
        `${Math.round((100 * goodput) / capacity)} %`,
        p99 === undefined ? "–" : Math.round(p99),
        tally.failures,
        executed - answered,
      ],
      problems: problemsIf({
        [`${tally.hung} calls hang`]: tally.hung > 0,
        "no call was answered": answered === 0,
      }),
    };
  };
}

export const overloads: Table = {
  columns: [
    "capacity, calls/s",
    "calls",
    "goodput, calls/s",
    "of the capacity",
    "p99 of answers, ms",
    "not OK",
    "executed in vain",
  ],
  scenarios: {
    "overload 0.5": overload(0.5),
    "overload 1": overload(1),
    "overload 2": overload(2),
    "overload 4": overload(4),
    "overload 2, 16 streams": overload(2, FEW_STREAMS),
    "overload 4, 16 streams": overload(4, FEW_STREAMS),
  },
};
