import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("peer-process.mjs", import.meta.url));

/**
 * The server and the client of a peer, each in its own process.
 *
 * Options: `node`, the program that runs them, `profiles`, a folder for CPU profiles if they are wanted, and
 * `server`, what the server is started with.
 */
export async function startPeer(name, { node, profiles, server: serverOptions = {} }) {
  const start = (side) => startSide(name, side, { node, profiles });
  const [server, client] = await Promise.all([start("server"), start("client")]);
  const port = await server.ask("serve", serverOptions);
  await client.ask("connect", { port });
  return { name, server, client, port, stop: () => Promise.all([server.stop(), client.stop()]) };
}

async function startSide(peer, side, { node, profiles }) {
  const profiling = ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${peer}-${side}.cpuprofile`];
  const child = fork(program, [peer, side], {
    execPath: node,
    execArgv: ["--expose-gc", ...(profiles === undefined ? [] : profiling)],
  });
  const exit = once(child, "exit");
  const answer = async () => {
    const [{ value, error }] = await Promise.race([once(child, "message"), exit.then(() => [{ error: "it exited" }])]);
    if (error !== undefined) throw new Error(`The ${side} of ${peer} failed: ${error}`);
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
