import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { runProgram } from "./program.mjs";
import { startProxy } from "./proxy.mjs";

let pairs = 0;

/**
 * Runs the scenarios of runtimes/src between a client in one runtime and a server in another. Resolves to the outcomes:
 * `scenario`, `kind`, and `error` for a failure.
 *
 * @param only the names of a single scenario to run. Default: all
 */
export async function runPair(client, server, only = []) {
  const outcomes = [];
  const report = (scenario, error) => outcomes.push({ scenario, kind: "", error });
  let proxy;
  const { addresses, credentials, program } = await startServer(server, (line) => {
    if ("cut" in line) proxy.cut();
    if ("reported" in line) report("reports of the server", line.reported);
  });
  proxy = await startProxy(Number(new URL(addresses.plain).port));
  const places = { addresses: { ...addresses, proxied: `http://127.0.0.1:${proxy.port}` }, credentials };
  const caller = runProgram(client, "client", [JSON.stringify(places), ...only], (line) => {
    if ("scenario" in line) outcomes.push(line);
    if ("done" in line) void caller.end();
  });
  report("a process that ends while channels are open", endOf("client", await caller.ended, caller));
  proxy.close();
  report("SIGTERM to a server", endOf("server", await program.stop(), program));
  return outcomes;
}

function endOf(role, code, program) {
  return code === 0 ? undefined : `The ${role} ended with ${code}:\n${program.output()}`;
}

/** Resolves once the server listens. */
function startServer(runtime, onLine) {
  const socket = join(tmpdir(), `runtimes-${process.pid}-${pairs++}.sock`);
  return new Promise((resolve, reject) => {
    const program = runProgram(runtime, "server", [socket], (line) => {
      if ("addresses" in line) resolve({ ...line, program });
      else onLine(line);
    });
    void program.ended.then((code) => reject(new Failure(`The server ended with ${code}:\n${program.output()}`)));
  });
}
