import { readFileSync } from "node:fs";
import { Channel } from "@grpclib-ts/runtime/node";
import { testCases } from "./client/test-cases.js";
import { clientFlags } from "./flags.js";
import { TestServiceStub, UnimplementedServiceStub } from "./gen/grpc/testing/test_grpclib.js";

// Runs one of the official test cases. Exits with 0 if it passes.
const flags = clientFlags();
const testCase = testCases.get(flags.test_case);
if (testCase === undefined) throw new Error(`There is no test case "${flags.test_case}"`);

function openChannel(): Channel {
  const address = `${flags.server_host}:${flags.server_port}`;
  if (!flags.use_tls) return new Channel(`http://${address}`);
  const ca = flags.use_test_ca ? readFileSync(flags.ca_file) : undefined;
  return new Channel(`https://${address}`, { tls: { ca, servername: flags.server_host_override } });
}

await using channel = openChannel();
await testCase({
  test: new TestServiceStub(channel),
  unimplemented: new UnimplementedServiceStub(channel),
  openChannel,
  soak: {
    iterations: Number(flags.soak_iterations),
    iterationTime: Number(flags.soak_per_iteration_max_acceptable_latency_ms),
    totalTime: Number(flags.soak_overall_timeout_seconds) * 1000,
  },
});
