import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { collect, startPair } from "../harness.js";

// Up to Node 25, an HTTP/2 session does not read while one of its own writes is pending. With a large connection
// window, both sides would wait for each other forever.
test("many calls that send and receive large amounts at the same time all complete", async () => {
  const { stub } = await startPair({
    async *bidi(requests) {
      for await (const { data } of requests) yield { data };
    },
  });
  // Random, because Connect compresses it.
  const data = randomBytes(100_000);
  async function* requests() {
    for (let i = 0; i < 20; i++) yield { data };
  }
  const calls = Array.from({ length: 50 }, async () => (await collect(stub.bidi(requests()))).length);
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, () => 20));
});

test("a client that floods a handler with empty requests is held back", async () => {
  let sent = 0;
  const { stub } = await startPair({
    async clientStream(_requests, { signal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return {};
    },
  });
  async function* requests() {
    for (; sent < 1_000_000; sent++) yield {};
  }
  const call = expect(stub.clientStream(requests(), { timeout: 1500 })).rejects.toMatchObject({ status: 4 });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const sentSoFar = sent;
  await call;
  expect(sent).toBe(sentSoFar);
});
