import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { joinFigures } from "./figures.mjs";

/** The program of a process of a peer, in a checkout of this repository. */
export const programIn = (checkout) => join(checkout, "benchmarks/lib/peer-process.mjs");

/**
 * Measures with several generations of processes, because V8 optimizes the same program differently from one process to
 * the next, which changes the figures by 10 % and more. `measure` takes the peers by name and the number of runs to
 * make, and resolves to figures. Resolves to the figures of all generations.
 *
 * A peer of another checkout has its folder in its name, as in `grpclib-ts@/path`.
 *
 * Options: `starts`, the number of generations; `runs`, the number of runs of all generations together; `node`, the
 * path of the Node to run the processes with; `profiles`, a folder to write CPU profiles to; `server`, the options of
 * the servers.
 */
export async function withPeers(names, { starts, runs, ...options }, measure) {
  const generations = [];
  for (let left = Math.min(starts, runs), runsLeft = runs; left > 0; left--) {
    const share = Math.ceil(runsLeft / left);
    generations.push(await withGeneration(names, options, (peers) => measure(peers, share)));
    runsLeft -= share;
  }
  return joinFigures(generations);
}

async function withGeneration(names, options, use) {
  const peers = new Map();
  try {
    for (const name of new Set(names)) peers.set(name, await startPeer(name, options));
    return await use(peers);
  } finally {
    await Promise.all([...peers.values()].map((peer) => peer.stop()));
  }
}

/** Starts the server and the client of a peer, each in its own process, and connects them. */
async function startPeer(name, { node, profiles, server: serverOptions = {} }) {
  const start = (side) => startSide(name, side, { node, profiles });
  const [server, client] = await Promise.all([start("server"), start("client")]);
  const port = await server.ask("serve", serverOptions);
  await client.ask("connect", { port });
  return { name, server, client, port, stop: () => Promise.all([server.stop(), client.stop()]) };
}

async function startSide(name, side, { node, profiles }) {
  const [peer, ...folder] = name.split("@");
  const profile = `${name.replaceAll(/[/\\]/g, "-")}-${side}.cpuprofile`;
  const profiling = ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${profile}`];
  const child = fork(programIn(folder.join("@") || root), [peer, side], {
    execPath: node,
    execArgv: ["--expose-gc", ...(profiles === undefined ? [] : profiling)],
  });
  const exit = once(child, "exit");
  const answer = async () => {
    const [{ value, error }] = await Promise.race([
      once(child, "message"),
      exit.then(() => [{ error: "the process exited" }]),
    ]);
    if (error !== undefined) throw new Error(`The ${side} of ${name} failed: ${error}`);
    return value;
  };
  await answer();
  return {
    ask(command, options) {
      child.send({ command, options });
      return answer();
    },
    async stop() {
      child.send({ command: "stop" });
      await exit;
    },
  };
}
