import assert from "node:assert/strict";
import { TestServiceStub } from "../gen/grpc/testing/test_grpclib.js";
import type { Setting, SoakLimits } from "./setting.js";
import { largeUnary } from "./unary.js";

export async function rpcSoak({ test, soak }: Setting): Promise<void> {
  await repeat(() => largeUnary({ test }), soak);
}

export async function channelSoak({ openChannel, soak }: Setting): Promise<void> {
  await repeat(async () => {
    await using channel = openChannel();
    await largeUnary({ test: new TestServiceStub(channel) });
  }, soak);
}

async function repeat(action: () => Promise<void>, { iterations, iterationTime, totalTime }: SoakLimits) {
  const start = performance.now();
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const before = performance.now();
    await action();
    assertWithin(performance.now() - before, iterationTime, `Iteration ${iteration}`);
    assertWithin(performance.now() - start, totalTime, `Iterations 1 to ${iteration}`);
  }
}

function assertWithin(time: number, limit: number, what: string): void {
  assert.ok(time <= limit, `${what} took ${Math.round(time)} ms, but only ${limit} ms are allowed`);
}
