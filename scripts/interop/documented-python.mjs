import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { filesOf, read } from "../lib/documents.mjs";
import { Failure } from "../lib/failure.mjs";
import { run } from "../lib/run.mjs";
import { pythonBin } from "./python.mjs";
import { freePort } from "./server.mjs";

/** What the client on the page prints. */
const printed = `Job
NOT_FOUND There is no Emma
resource Emma
listed ['Job', 'Ruth']
added 2
found Ruth
shelf-1 Ruth 3`;

/** Runs the programs for Python's grpclib in docs/coming-from-grpclib.md. */
export async function runDocumentedPython() {
  const folder = mkdtempSync(join(tmpdir(), "documented-python-"));
  try {
    for (const [path, text] of filesOf(read("docs/coming-from-grpclib.md"))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const env = { PATH: [pythonBin, process.env.PATH].join(delimiter) };
    const outs = ["--python_out=python", "--grpclib_python_out=python"];
    const protoc = ["-m", "grpc_tools.protoc", "-Iproto", ...outs, "library/v1/library.proto"];
    await run("python", protoc, { cwd: folder, env });
    const output = await runPrograms(folder, env);
    if (output !== printed) throw new Failure(`The client prints\n${output}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Resolves to what the client prints. */
async function runPrograms(folder, env) {
  const port = String(await freePort());
  const server = spawn(join(pythonBin, "python"), ["python/server.py", port], { cwd: folder, stdio: "inherit" });
  const closed = once(server, "close");
  try {
    await Promise.race([listening(port), closed]);
    return await run("python", ["python/client.py", port], { cwd: folder, env });
  } finally {
    server.kill();
    await closed;
  }
}

/** Waits until a server listens on a port. */
async function listening(port) {
  for (const end = Date.now() + 10_000; Date.now() < end; await setTimeout(100)) {
    const socket = connect(port, "127.0.0.1");
    const connected = await once(socket, "connect").catch(() => undefined);
    socket.destroy();
    if (connected !== undefined) return;
  }
  throw new Failure("The server did not start to listen in time");
}
