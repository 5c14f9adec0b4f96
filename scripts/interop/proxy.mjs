import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../lib/failure.mjs";
import { debianProgram } from "./debian-package.mjs";
import { runClient } from "./run-client.mjs";
import { freePort } from "./server.mjs";

/**
 * Returns a function that runs a case of interop/src/proxied-client.ts through a proxy in front of the server. A proxy
 * has
 *
 * - `name`
 * - `program`: its program, which is also the name of its Debian package
 * - `args`: the arguments that run it in the foreground, with the file `proxy.conf` in the current folder
 * - `reloadSignal`: the signal that makes it replace its workers, which close their connections with a GOAWAY
 * - `configure`: a function that takes the port to listen on and the port of the server, and returns a configuration
 */
export function testThrough(proxy) {
  return async (serverPort, testCase) => {
    const running = await start(proxy, serverPort);
    try {
      const done = runClient({
        command: process.execPath,
        args: ["interop/dist/proxied-client.js", `--server_port=${running.port}`, `--test_case=${testCase}`],
      });
      if (testCase === "reload") await Promise.race([done, running.reload(5)]);
      await done;
    } finally {
      await running.stop();
    }
  };
}

async function start({ name, program, args, reloadSignal, configure }, serverPort) {
  const folder = mkdtempSync(join(tmpdir(), `${program}-`));
  const port = await freePort();
  writeFileSync(join(folder, "proxy.conf"), configure(port, serverPort));
  const { command, env } = debianProgram(program);
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const closed = once(child, "close");
  await Promise.race([
    untilListening(port),
    closed.then(() => Promise.reject(new Failure(`${name} exited:\n${output}`))),
  ]);
  return {
    port,
    async reload(times) {
      for (let count = 0; count < times; count++) {
        await sleep(300);
        child.kill(reloadSignal);
      }
    },
    async stop() {
      child.kill("SIGTERM");
      await closed;
      rmSync(folder, { recursive: true });
    },
  };
}

async function untilListening(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isListening = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isListening) return;
    await sleep(20);
  }
}
