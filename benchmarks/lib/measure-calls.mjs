import { interleave } from "./figures.mjs";
import { startPeer } from "./peer.mjs";

/** What warms up, as a share of a run. */
const warmUp = 0.5;

/**
 * Measures the subjects of a row in turn, after each has warmed up. All their processes stay there meanwhile. A quick
 * measurement leaves out the subjects that no target is about.
 */
export async function measureCalls(
  { unit, subjects, targets },
  { node, runs, warmUps, seconds, scale, quick, profiles },
) {
  const compared = new Set(targets.flatMap(({ of, over }) => [of, over]));
  const entries = Object.entries(subjects).filter(([name]) => !quick || compared.has(name));
  const peers = new Map();
  try {
    for (const [, { peer }] of entries) {
      if (!peers.has(peer)) peers.set(peer, await startPeer(peer, { node, profiles }));
    }
    const measures = (share) =>
      entries.map(([name, { peer, count, ...options }]) => {
        const request = {
          seconds: seconds * share,
          ...options,
          ...(count && { count: Math.round(count * scale * share) }),
        };
        return [name, () => run(peers.get(peer), request, unit)];
      });
    for (let i = 0; i < warmUps; i++) for (const [, measure] of measures(warmUp)) await measure();
    return await interleave(Object.fromEntries(measures(1)), { runs });
  } finally {
    await Promise.all([...peers.values()].map((peer) => peer.stop()));
  }
}

async function run({ client, server }, request, unit) {
  const before = await server.ask("cpuSeconds");
  const { count, seconds, cpuSeconds, p50, p99 } = await client.ask("run", request);
  const serverSeconds = (await server.ask("cpuSeconds")) - before;
  const size = unit === "MB/s" ? request.bytes / 1e6 : 1;
  return {
    [unit]: (count * size) / seconds,
    "client CPU": cpuSeconds / count,
    "server CPU": serverSeconds / count,
    ...(p50 !== undefined && { p50: p50 / 1000, p99: p99 / 1000 }),
  };
}
