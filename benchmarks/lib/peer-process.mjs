// Runs one side of a peer in its own process: peer-process.mjs <peer> <server|client>. It executes the commands that
// its parent sends. A number after the peer, as in grpclib-ts+3, is that of interceptors that do nothing.

import { percentile } from "./figures.mjs";
import { workloads } from "./workloads.mjs";

const [, , peer, side] = process.argv;
const [name, count = "0"] = peer.split("+");
const interceptors = Number(count);
const { serve, connect } = await import(`../peers/${name}/${side}.mjs`);
let client;

const commands = {
  serve: (options) => serve({ ...options, interceptors }),
  async connect({ port }) {
    client = await connect(port, { interceptors });
  },
  async run({ workload, ...options }) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const { count, latencies } = await workloads[workload](client, options);
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const sorted = latencies?.sort((a, b) => a - b);
    return {
      count,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      ...(sorted && { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) }),
    };
  },
  cpuSeconds() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  async memory() {
    // Objects behind weak references are only collected by a second or third collection.
    for (let i = 0; i < 3; i++) {
      await new Promise(setImmediate);
      globalThis.gc();
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  // Node writes the CPU profile, if any, at the exit.
  stop: () => setImmediate(() => process.exit()),
};

async function answer({ command, options }) {
  try {
    process.send({ value: await commands[command](options) });
  } catch (error) {
    process.send({ error: error.stack });
  }
}

process.on("message", (message) => void answer(message));
process.on("disconnect", () => process.exit());
process.send({ value: "ready" });
