import { equal, match } from "node:assert/strict";
import { join } from "node:path";
import { go } from "../lib/go.mjs";
import { root } from "../lib/root.mjs";
import { outcomeOf } from "./run-client.mjs";

// https://github.com/grpc-ecosystem/grpc-health-probe
export const healthProbeVersion = "v0.4.62";
const tools = join(root, ".tools/bin");

/** What the probe prints for each name, and its exit code: 0 for SERVING, 3 if the call fails, 4 for another status. */
export const healthCases = {
  server: { service: "", code: 0, prints: /status: SERVING/ },
  service: { service: "library.v1.Serving", code: 0, prints: /status: SERVING/ },
  "own service": { service: "grpc.health.v1.Health", code: 0, prints: /status: SERVING/ },
  "not serving": { service: "library.v1.NotServing", code: 4, prints: /"NOT_SERVING"/ },
  unknown: { service: "library.v1.Unknown", code: 3, prints: /code = NotFound/ },
};

export async function installHealthProbe() {
  await go(["install", `github.com/grpc-ecosystem/grpc-health-probe@${healthProbeVersion}`], { GOBIN: tools });
}

export async function probe(port, name) {
  const { service, code, prints } = healthCases[name];
  const { output, ...outcome } = await outcomeOf({
    command: join(tools, "grpc-health-probe"),
    args: [`-addr=127.0.0.1:${port}`, `-service=${service}`],
  });
  match(output, prints);
  equal(outcome.code, code);
}
