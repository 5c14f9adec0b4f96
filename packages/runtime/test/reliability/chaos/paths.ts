import { setTimeout as sleep } from "node:timers/promises";
import { Callers, callOnce } from "../callers.js";
import { type ClientOptions, connect } from "../libraries.js";
import { type Link, TcpProxy } from "../proxy.js";
import type { Result, Scenario, Setting } from "../scenario.js";
import { ServerProcess } from "../server-process.js";
import { Tally } from "../tally.js";
import { chaosResult, type Measured, TWO_STEPS_MS } from "./result.js";

const CALLERS = 16;
/** The answers between two faults. */
const ANSWERS = 100;
const PATIENCE_MS = 25_000;
const keepalive = { time: 10_000, timeout: 2_000 };
/** The longest time until keepalive notices that a peer is silent, in milliseconds: it measures in twentieths. */
const KEEPALIVE_MS = keepalive.time * 1.05 + keepalive.timeout;

/** A path with faults. */
interface FaultyPath extends ClientOptions {
  readonly timeout: number;
  readonly faults: number;
  /** Causes a fault. Resolves when it is over. */
  readonly fault: (proxy: TcpProxy) => Promise<void>;
  readonly change?: (chunk: Buffer) => Buffer;
  readonly bounds?: Omit<Measured, "tally">;
}

async function runFaults(setting: Setting, path: FaultyPath): Promise<Result> {
  const { timeout, faults, fault, change, bounds, ...options } = path;
  const server = await ServerProcess.start({ library: "grpclib-ts", ledger: setting.ledger });
  const proxy = await TcpProxy.start(server.port, () => {}, change);
  const client = connect(setting.library, proxy.port, options);
  const tally = new Tally();
  const callers = new Callers(client, tally, CALLERS, { timeout, work: 5 });
  const recoveries: number[] = [];
  for (let round = 0; round < faults; round++) {
    await callers.answers(ANSWERS, PATIENCE_MS);
    await fault(proxy);
    recoveries.push(await callers.answers(1, PATIENCE_MS));
  }
  await callers.stop();
  client.close();
  await server.kill();
  return chaosResult(setting, { tally, recoveries, ...bounds });
}

/** Discards everything from now on, and waits until what had passed before has been processed. */
async function swallow({ links }: TcpProxy, then: (link: Link) => void = () => {}): Promise<void> {
  for (const link of links) {
    link.swallows = true;
    then(link);
  }
  await sleep(50);
}

/** The path of the connection discards everything, as after a firewall has forgotten it. New connections work. */
export const frozenPath: Scenario = (setting) =>
  runFaults(setting, {
    timeout: 2_000,
    faults: 3,
    keepalive,
    fault: (proxy) => swallow(proxy),
    bounds: { recovery: KEEPALIVE_MS + TWO_STEPS_MS },
  });

/** The client is told that the server sends nothing any more, but the connection stays open and discards requests. */
export const halfOpen: Scenario = (setting) =>
  runFaults(setting, {
    timeout: 2_000,
    faults: 20,
    fault: (proxy) => swallow(proxy, ({ client }) => client.end()),
  });

/** Nothing passes for up to two seconds, then everything does. */
export const stall: Scenario = (setting) =>
  runFaults(setting, {
    timeout: 5_000,
    faults: 10,
    fault: async ({ links }) => {
      for (const link of links) link.pause();
      await sleep(500 + 1500 * setting.random());
      for (const link of links) link.resume();
    },
    bounds: { failures: 0 },
  });

/** Flips one bit in 5 % of the chunks for two seconds; then the connection is lost, and a good one takes its place. */
export const corruption: Scenario = (setting) => {
  const { random } = setting;
  let active = false;
  return runFaults(setting, {
    timeout: 2_000,
    faults: 10,
    fault: async (proxy) => {
      active = true;
      await sleep(2_000);
      active = false;
      for (const link of proxy.links) link.destroy();
    },
    change: (chunk) => {
      if (!active || random() >= 0.05) return chunk;
      const changed = Buffer.from(chunk);
      const at = Math.floor(random() * changed.length);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << Math.floor(8 * random())), at);
      return changed;
    },
    // Without TLS nothing protects the text of a message, which identifies the call.
    bounds: { executed: null },
  });
};

/** Each new connection is accepted at once, and what the server sends arrives up to three seconds later. */
export const slowHandshake: Scenario = async (setting) => {
  const { library, ledger, random } = setting;
  const server = await ServerProcess.start({ library: "grpclib-ts", ledger });
  const proxy = await TcpProxy.start(server.port, ({ server: socket }) => {
    socket.pause();
    setTimeout(() => socket.resume(), 500 + 2500 * random());
  });
  const tally = new Tally();
  for (let round = 0; round < 10; round++) {
    const client = connect(library, proxy.port);
    await Promise.all(Array.from({ length: CALLERS }, () => callOnce(client, tally, { timeout: 8_000 })));
    client.close();
  }
  await server.kill();
  return chaosResult(setting, { tally, failures: 0 });
};
