import { spawn } from "node:child_process";
import { once } from "node:events";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

/** How long a server may take to start, and to stop, in milliseconds. */
const limit = 10_000;

/** Starts a server on any free port, and waits until it says on which. */
export async function startServer({ command, args, env }) {
  const child = spawn(command, [...args, "--port=0"], {
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
      fail("it does not listen");
    }, limit);
    closed.then(() => fail("it ended"), reject).finally(() => clearTimeout(timer));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        const listening = /listening on \S+:(\d+)\s/.exec(output);
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
      if (signal === "SIGKILL") throw new Failure(`${command} ${args.join(" ")}: it does not stop`);
    },
  };
}
