import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { startPair } from "../harness.js";

// Calls that time out while the server's maximum of concurrent streams is reached. Servers on Node 22 and later still
// count a stream that was reset when the next one comes in the same packet.

test("calls that time out in a full connection cost no other call anything", { timeout: 40_000 }, async () => {
  const { stub } = await startPair(
    {
      unary: async ({ text }, { signal }) => {
        await sleep(Number(text), undefined, { signal });
        return { text };
      },
    },
    { server: { maxConcurrentStreams: 20 } },
  );
  await stub.unary({ text: "0" });
  const bystander = stub.unary({ text: "3000" });
  const outcomes: Record<string, number> = {};
  const count = (outcome: string) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const impatient = async () => {
    await sleep(Math.random() * 1000);
    await stub.unary({ text: "1000" }, { timeout: 60 }).catch((error: GRPCError) => count(Status[error.status] ?? ""));
  };
  const patient = async () => {
    await sleep(Math.random() * 1000);
    await stub.unary({ text: "1" }, { timeout: 20_000 }).then(
      () => count("OK"),
      (error: GRPCError) => count(`patient ${error.message}`),
    );
  };
  await Promise.all([...Array.from({ length: 500 }, impatient), ...Array.from({ length: 200 }, patient)]);
  expect(outcomes).toEqual({ DEADLINE_EXCEEDED: 500, OK: 200 });
  expect(await bystander).toMatchObject({ text: "3000" });
});
