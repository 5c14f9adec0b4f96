import { interleave } from "../lib/figures.mjs";
import { withPeers } from "../lib/peer.mjs";

const streams = 10_000;

export const idleRow = {
  name: "idle streams",
  unit: "client memory",
  onEachNode: true,
  targets: [
    { metric: "client memory", of: "grpclib-ts", over: "grpc-js", atMost: 0.7 },
    { metric: "server memory", of: "grpclib-ts", over: "grpc-js", atMost: 0.7 },
  ],
  /** Measures heap and external memory per stream on each side. The streams stay open, so each run has new processes. */
  measure({ node, runs, scale }) {
    const count = Math.round(streams * scale);
    const names = ["grpclib-ts", "grpc-js", "bare"];
    const server = { maxConcurrentStreams: 2 * streams };
    return withPeers(names, { node, starts: runs, runs, server }, (peers) =>
      interleave(Object.fromEntries(names.map((name) => [name, () => measure(peers.get(name), count)])), { runs: 1 }),
    );
  },
};

async function measure({ client, server }, count) {
  // The first streams also allocate memory that all streams share.
  await client.ask("run", { workload: "idle", count: 100 });
  const memory = async () => [await client.ask("memory"), await server.ask("memory")];
  const before = await memory();
  await client.ask("run", { workload: "idle", count });
  const [clientBytes, serverBytes] = (await memory()).map((bytes, i) => (bytes - before[i]) / count);
  return { "client memory": clientBytes, "server memory": serverBytes };
}
