import { setTimeout as sleep } from "node:timers/promises";
import { Callers } from "../callers.js";
import { connect } from "../libraries.js";
import { TcpProxy } from "../proxy.js";
import type { Scenario, Setting } from "../scenario.js";
import { ServerProcess } from "../server-process.js";
import { Tally } from "../tally.js";
import { chaosResult } from "./result.js";

const RESTARTS = 20;
const CALLERS = 64;
/** The answers between two restarts. */
const ANSWERS = 500;
/** A limit for the answers, so that a channel that never recovers does not stop the scenario. In milliseconds. */
const PATIENCE_MS = 10_000;
const TIMEOUT_MS = 5_000;
const WORK_MS = 5;

/** The server process is killed and starts again on the same port after up to a second. */
export const kill: Scenario = async (setting) => {
  const { library, random, ledger } = setting;
  let server = await ServerProcess.start({ library: "grpclib-ts", ledger });
  const client = connect(library, server.port);
  const tally = new Tally();
  const callers = new Callers(client, tally, CALLERS, { timeout: TIMEOUT_MS, work: WORK_MS });
  const recoveries: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart++) {
    await callers.answers(ANSWERS, PATIENCE_MS);
    await server.kill();
    await sleep(1000 * random());
    server = await server.restart();
    recoveries.push(await callers.answers(1, PATIENCE_MS));
  }
  await callers.stop();
  client.close();
  await server.close();
  return chaosResult(setting, { tally, recoveries });
};

/** The server is replaced: a balancer sends new connections to the new one, then the old one closes gracefully. */
export async function rollingRestarts({ library, ledger }: Setting, restarts: number) {
  let server = await ServerProcess.start({ library: "grpclib-ts", ledger });
  const balancer = await TcpProxy.start(server.port);
  const client = connect(library, balancer.port);
  const tally = new Tally();
  const callers = new Callers(client, tally, CALLERS, { timeout: TIMEOUT_MS, work: WORK_MS });
  const recoveries: number[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    await callers.answers(ANSWERS, PATIENCE_MS);
    const old = server;
    server = await ServerProcess.start({ library: "grpclib-ts", ledger });
    balancer.target = server.port;
    await old.close();
    recoveries.push(await callers.answers(1, PATIENCE_MS));
  }
  await callers.stop();
  client.close();
  await server.close();
  return { tally, recoveries };
}

export const rollingRestart: Scenario = async (setting) =>
  chaosResult(setting, { ...(await rollingRestarts(setting, RESTARTS)), failures: 0 });
