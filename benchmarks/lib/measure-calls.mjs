import { interleave } from "./figures.mjs";
import { withPeers } from "./peer.mjs";

/** The warm-up repeats the workload in pieces. Each piece is this share of a run. */
const warmUpShare = 0.1;

/** Measures the subjects of a row in turn. A quick measurement omits subjects without a target. */
export async function measureCalls(
  { unit, subjects, targets },
  { node, starts, runs, warmUp, seconds, scale, quick, profiles },
) {
  const compared = new Set(targets.flatMap(({ of, over }) => [of, over]));
  const entries = Object.entries(subjects).filter(([name]) => !quick || compared.has(name));
  const request = ({ peer: _, count, ...options }, share) => ({
    seconds: seconds * share,
    ...options,
    ...(count && { count: Math.round(count * scale * share) }),
  });
  const names = entries.map(([, { peer }]) => peer);
  return await withPeers(names, { node, starts, runs, profiles }, async (peers, runs) => {
    for (const [, subject] of entries) {
      const { client } = peers.get(subject.peer);
      for (const end = performance.now() + warmUp * 1000; performance.now() < end; ) {
        await client.ask("run", request(subject, warmUpShare));
      }
    }
    const measures = entries.map(([name, subject]) => [
      name,
      () => run(peers.get(subject.peer), request(subject, 1), unit),
    ]);
    return await interleave(Object.fromEntries(measures), { runs });
  });
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
