import { interleave } from "../lib/figures.mjs";
import { startPeer } from "../lib/peer.mjs";

const streams = 10_000;

export const idleRow = {
  name: "idle streams",
  unit: "client memory",
  onEachNode: true,
  targets: [
    { metric: "client memory", of: "grpclib-ts", over: "grpc-js", atMost: 0.7 },
    { metric: "server memory", of: "grpclib-ts", over: "grpc-js", atMost: 0.7 },
  ],
  /** What a stream takes on each side, of heap and external memory. A stream is there for good: each run has new processes. */
  measure({ node, runs, scale }) {
    const count = Math.round(streams * scale);
    const measures = ["grpclib-ts", "grpc-js", "bare"].map((name) => [name, () => measure(name, { node, count })]);
    return interleave(Object.fromEntries(measures), { runs });
  },
};

async function measure(name, { node, count }) {
  const peer = await startPeer(name, { node, server: { maxConcurrentStreams: 2 * streams } });
  try {
    // What the first streams take is not theirs alone.
    await peer.client.ask("run", { workload: "idle", count: 100 });
    const memory = async () => [await peer.client.ask("memory"), await peer.server.ask("memory")];
    const before = await memory();
    await peer.client.ask("run", { workload: "idle", count });
    const [client, server] = (await memory()).map((bytes, i) => (bytes - before[i]) / count);
    return { "client memory": client, "server memory": server };
  } finally {
    await peer.stop();
  }
}
