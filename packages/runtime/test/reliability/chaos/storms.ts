import { setTimeout as sleep } from "node:timers/promises";
import { Status } from "../../../src/index.js";
import { Callers, callOnce } from "../callers.js";
import { connect } from "../libraries.js";
import type { Scenario, Setting } from "../scenario.js";
import { ServerProcess } from "../server-process.js";
import { Tally } from "../tally.js";
import { startGoawayPeer } from "./goaway-peer.js";
import { chaosResult } from "./result.js";

/** The calls in flight are never more than the streams of a connection, so one retry is enough for each. */
const CALLERS = 64;
const GOAWAY_CALLS = 5_000;

/** A peer sends GOAWAY after 64 to 200 streams of each connection, for example nginx with `keepalive_requests 100`. */
export const goawayStorm: Scenario = async (setting) => {
  const { library, random } = setting;
  const executed: string[] = [];
  const port = await startGoawayPeer(() => CALLERS + Math.floor(137 * random()), executed);
  const client = connect(library, port);
  const tally = new Tally();
  const callers = new Callers(client, tally, CALLERS, { timeout: 10_000 });
  await callers.answers(GOAWAY_CALLS, 60_000);
  await callers.stop();
  client.close();
  return chaosResult(setting, { tally, executed, failures: 0 });
};

const STORM_CALLS = 5_000;

/**
 * 5,000 calls at once with 200 ms each, to a handler that takes a second, while
 * the server allows 1,000 streams: four of five calls wait. On the same channel, a
 * call without a deadline is in flight, which has to be answered. After the storm,
 * another call shows whether the channel works.
 */
export async function resetStorms({ library, ledger }: Setting, count: number) {
  const server = await ServerProcess.start({ library: "grpclib-ts", ledger });
  const client = connect(library, server.port);
  const bystanders = new Tally();
  const tally = new Tally();
  const recoveries: number[] = [];
  // Later storms find an open connection.
  for (let storm = 0; storm < count; storm++) {
    const bystander = callOnce(client, bystanders, { work: 2_000 });
    await sleep(50);
    const calls = { work: 1_000, timeout: 200 };
    await Promise.all(Array.from({ length: STORM_CALLS }, () => callOnce(client, tally, calls)));
    const end = performance.now();
    await callOnce(client, bystanders, { timeout: 5_000 });
    recoveries.push(performance.now() - end);
    await bystander;
  }
  client.close();
  await server.close();
  return { tally, bystanders, recoveries };
}

/** Three storms. */
export const resetStorm: Scenario = async (setting) => {
  const { tally, bystanders, recoveries } = await resetStorms(setting, 3);
  const row = chaosResult(setting, {
    tally,
    recoveries,
    others: {
      [`bystanders failed: ${bystanders.failures}`]: bystanders.failed > 0,
      [`calls ended otherwise than by their deadline`]: tally.count(Status.DEADLINE_EXCEEDED) !== tally.calls,
      "no call was answered": false,
    },
  });
  const [calls, failures, ...rest] = row.cells;
  return { ...row, cells: [calls ?? 0, `${failures}; bystanders: ${bystanders.failures}`, ...rest] };
};

const READERS = 20;
const MESSAGES = 100;

/** 20 streams of 100 messages of 16 KiB each are read slowly, beside unary calls on the same connection. */
export const slowReaders: Scenario = async (setting) => {
  const { library, random, ledger } = setting;
  const server = await ServerProcess.start({ library: "grpclib-ts", ledger });
  const client = connect(library, server.port);
  await server.reset();
  const tally = new Tally();
  const callers = new Callers(client, tally, 4, { timeout: 5_000, work: 5 });
  const pause = () => sleep(100 * random());
  const statuses = await Promise.all(Array.from({ length: READERS }, () => client.read(MESSAGES, pause)));
  await callers.stop();
  const { growth } = await server.state();
  client.close();
  await server.close();
  return chaosResult(setting, {
    tally,
    failures: 0,
    others: {
      [`streams ended with ${statuses.join(", ")}`]: statuses.some((status) => status !== Status.OK),
      [`the server's memory grew by ${growth} MB, at most 100 MB are allowed`]: growth > 100,
    },
  });
};
