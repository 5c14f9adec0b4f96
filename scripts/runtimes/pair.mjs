import { Failure } from "../lib/failure.mjs";
import { program, start } from "./program.mjs";
import { startProxy } from "./proxy.mjs";

/**
 * Runs the scenarios of runtimes/src between a client and a server. Resolves to the outcomes: `scenario`, `kind`, and
 * `error` for a failure.
 *
 * @param server as in servers.mjs
 * @param protocol as in runtimes/src/protocols.ts
 * @param only the name of a single scenario to run. Default: all
 */
export async function runPair(client, server, protocol, only = []) {
  const outcomes = [];
  const report = (scenario, error) => outcomes.push({ scenario, kind: "", error });
  let proxy;
  const { places, running } = await startServer(server, (line) => {
    if ("cut" in line) proxy.cut();
    if ("reported" in line) report("reports of the server", line.reported);
  });
  proxy = await startProxy(Number(new URL(places.addresses.plain).port));
  const addresses = { ...places.addresses, proxied: `http://127.0.0.1:${proxy.port}` };
  const where = JSON.stringify({ credentials: {}, ...places, protocol, addresses });
  const caller = start(program(client, "client", where, ...only), (line) => {
    if ("scenario" in line) outcomes.push(line);
    if ("done" in line) void caller.end();
  });
  report("a process that ends while channels are open", endOf("client", await caller.ended, caller));
  proxy.close();
  if (protocol === "grpc") report("SIGTERM to a server", endOf("server", await running.stop("SIGTERM"), running));
  else await running.stop("SIGKILL");
  return outcomes;
}

function endOf(role, code, { output }) {
  return code === 0 ? undefined : `The ${role} ended with ${code}:\n${output()}`;
}

/** Resolves once the server listens. */
function startServer({ name, command, placesIn }, onLine) {
  return new Promise((resolve, reject) => {
    const running = start(command, (line) => {
      const places = placesIn(line);
      if ("addresses" in places) resolve({ places, running });
      else onLine(line);
    });
    void running.ended.then((code) => reject(new Failure(`${name} ended with ${code}:\n${running.output()}`)));
  });
}
