import assert from "node:assert/strict";
import { credentials } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";
import { grpcJsTransport } from "@grpclib-ts/runtime/grpc-js";
import { Channel } from "@grpclib-ts/runtime/node";
import { clientFlags } from "./flags.js";
import { VersionedServiceStub, WeightsServiceStub } from "./gen/interop/v1/weights_grpclib.js";

// Runs one case with a control plane. The environment has the bootstrap configuration for it.

const CALLERS = 10;

register();
const { server_host: host, server_port: port, test_case: name } = clientFlags();
await using channel = new Channel(`http://${host}:${port}`);
const control = new WeightsServiceStub(channel);

const open = (target: string) =>
  grpcJsTransport(target, credentials.createInsecure(), { timeout: 20_000, retry: false });

/** Makes calls until `isDone`, 10 at a time. @returns how many of them each version has answered. @throws if a call fails */
async function callUntil(stub: VersionedServiceStub, isDone: (calls: number) => boolean): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let calls = 0;
  const caller = async () => {
    while (!isDone(calls)) {
      calls += 1;
      const { version } = await stub.getVersion({});
      counts.set(version, (counts.get(version) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return counts;
}

/** Checks which part of 1000 calls the version v2 answers. The bounds are 5 standard deviations, so that one run in a million fails. */
async function checkShare(stub: VersionedServiceStub, expected: number): Promise<void> {
  const counts = await callUntil(stub, (calls) => calls >= 1000);
  const total = (counts.get("v1") ?? 0) + (counts.get("v2") ?? 0);
  const share = (counts.get("v2") ?? 0) / total;
  const bound = 5 * Math.sqrt((expected * (1 - expected)) / total);
  assert.ok(Math.abs(share - expected) <= bound, `v2 has answered ${share} of the calls instead of ${expected}`);
}

/** Changes the weights while calls are made, and checks the shares afterwards. */
async function change(stub: VersionedServiceStub, v2: number): Promise<void> {
  let changed = false;
  const load = callUntil(stub, () => changed);
  try {
    await control.setWeights({ weights: { v1: 100 - v2, v2 } }, { timeout: 10_000 });
  } finally {
    changed = true;
  }
  await load;
  await checkShare(stub, v2 / 100);
}

const cases: Record<string, () => Promise<void>> = {
  async weights() {
    await using service = open("xds:///versioned");
    await checkShare(new VersionedServiceStub(service), 0.2);
  },

  async change_of_weights() {
    await using service = open("xds:///versioned");
    const stub = new VersionedServiceStub(service);
    await stub.getVersion({});
    for (const v2 of [50, 100, 0, 20]) await change(stub, v2);
  },
};

const run = cases[name];
if (run === undefined) throw new Error(`There is no test case "${name}"`);
await run();
// grpc-js' package for xDS does not end its stream to the control plane, which keeps the process alive.
process.exit();
