// A client whose calls are refused while it still sends requests. Each refusal makes it cancel another call, as when the
// two belong together. It ends after the milliseconds in its arguments, after the port, and says how many were refused.
import { setTimeout as sleep } from "node:timers/promises";
import { type GRPCError, Status } from "../../../src/index.js";
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";

const PAIRS = 50;

const [port, time] = process.argv.slice(2).map(Number);
await using channel = new Channel(`http://127.0.0.1:${port}`);
const stub = new TestServiceStub(channel);

/** Requests that go on after the refusal has arrived. */
async function* requests() {
  yield { text: "one" };
  await sleep(50);
  yield { text: "two" };
}

let refused = 0;
async function callInPair() {
  // A timer starts the calls, so that node:http2 has scheduled a write when the refusal arrives.
  await sleep(1);
  const together = new AbortController();
  await Promise.allSettled([
    stub.clientStream(requests(), { signal: together.signal }),
    stub.clientStream(requests(), { metadata: { refuse: "yes" } }).catch(({ status }: GRPCError) => {
      if (status === Status.UNAUTHENTICATED) refused += 1;
      together.abort();
    }),
  ]);
}

const end = performance.now() + (time ?? 0);
await Promise.all(
  Array.from({ length: PAIRS }, async () => {
    while (performance.now() < end) await callInPair();
  }),
);
console.log(refused);
