import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";
import { withDebianPackage } from "./debian-package.mjs";
import { runClient } from "./run-client.mjs";
import { freePort } from "./server.mjs";

const installed = "/usr/sbin/nginx";
const copied = join(root, ".tools/bin/nginx");
/** nginx is that of the machine's Debian, or one that is installed. */
export const nginxVersion = "Debian";

const nginx = () => (existsSync(installed) ? installed : copied);

/** Copies nginx into .tools, unless it is installed. */
export async function installNginx() {
  if (!existsSync(nginx())) await withDebianPackage("nginx", (folder) => cpSync(join(folder, installed), copied));
  await run(nginx(), ["-v"]);
}

/** How often nginx closes a connection, in calls. Common versions have 1,000. */
const CALLS_PER_CONNECTION = 100;

/** Runs a case of interop/src/nginx-client.ts through an nginx with its own defaults, in front of the server. */
export async function testThroughNginx(serverPort, testCase) {
  const proxy = await startNginx(serverPort);
  try {
    const done = runClient({
      command: process.execPath,
      args: ["interop/dist/nginx-client.js", `--server_port=${proxy.port}`, `--test_case=${testCase}`],
    });
    if (testCase === "reload") await Promise.race([done, proxy.reload(5)]);
    await done;
  } finally {
    await proxy.stop();
  }
}

async function startNginx(serverPort) {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  const port = await freePort();
  writeFileSync(join(folder, "nginx.conf"), configuration(folder, port, serverPort));
  const child = spawn(nginx(), ["-p", folder, "-c", "nginx.conf", "-e", "stderr"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const closed = once(child, "close");
  await Promise.race([
    untilListening(port),
    closed.then(() => Promise.reject(new Failure(`nginx exited:\n${output}`))),
  ]);
  return {
    port,
    /** Lets nginx replace its workers, which close their connections with a GOAWAY. */
    async reload(times) {
      for (let count = 0; count < times; count++) {
        await sleep(300);
        child.kill("SIGHUP");
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

function configuration(folder, port, serverPort) {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join("\n  ");
  return `daemon off;
${process.getuid() === 0 ? "user root;" : ""}
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${temporary}
  keepalive_requests ${CALLS_PER_CONNECTION};
  server {
    listen 127.0.0.1:${port} http2;
    location / { grpc_pass grpc://127.0.0.1:${serverPort}; }
  }
}
`;
}
