import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

/** The time limit for a server to start, and to stop, in milliseconds. */
const limit = 10_000;

/**
 * Starts a server on a free port, and waits until it prints the port. `needsPort` says that the server cannot find a
 * free port itself.
 */
export async function startServer({ command, args, env, needsPort = false }) {
  const child = spawn(command, [...args, `--port=${needsPort ? await freePort() : 0}`], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  let output = "";
  const port = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Failure(`${output}\n${command} ${args.join(" ")}: ${why}`.trim()));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail("the server did not start to listen in time");
    }, limit);
    closed.then(() => fail("the server exited"), reject).finally(() => clearTimeout(timer));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        const listening = /(?:listening on \S+:|started on port )(\d+)\s/.exec(output);
        if (listening === null) return;
        clearTimeout(timer);
        resolve(Number(listening[1]));
      });
    }
  });
  return {
    port,
    output: () => output.trim(),
    async stop() {
      child.kill();
      const timer = setTimeout(() => child.kill("SIGKILL"), limit);
      const [, signal] = await closed;
      clearTimeout(timer);
      if (signal === "SIGKILL") throw new Failure(`${command} ${args.join(" ")}: the server did not stop in time`);
    },
  };
}

/** A port that no program uses. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await once(server.close(), "close");
  return port;
}
