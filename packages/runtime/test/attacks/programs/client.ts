// A client to be attacked. It reads a list of calls from its standard input, makes them to the port in its arguments,
// and prints their outcomes. It does not handle uncaught errors, so its exit code tells whether it survived. It does
// not call exit(), so it ends only if no resource is left behind.
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";
import type { CallPlan } from "../calls.js";
import { type CallOutcome, type ClientSummary, openResources, seenError } from "../outcomes.js";

/** The number of concurrent calls. */
const AT_ONCE = 16;
/** A call that has not ended after this time hangs, since the servers end calls at once. */
const PATIENCE_MS = 5000;
/** The time that a server needs to end a call. Unread responses are read after it. */
const LEAVE_MS = 20;

const address = `http://127.0.0.1:${process.argv[2]}`;
const plans = JSON.parse(await text(process.stdin)) as readonly CallPlan[];
const calls: CallOutcome[] = [];
let goodCalls = 0;

async function run(plan: CallPlan, number: number): Promise<CallOutcome> {
  const channel = new Channel(address);
  const patience = new AbortController();
  const hung = sleep(PATIENCE_MS, { status: "hung", messages: 0 } as const, { signal: patience.signal });
  const outcome = await Promise.race([outcomeOf(new TestServiceStub(channel), plan, number), hung]);
  patience.abort();
  await hung.catch(() => {});
  await channel.close();
  return outcome;
}

async function outcomeOf(stub: TestServiceStub, plan: CallPlan, number: number): Promise<CallOutcome> {
  let messages = 0;
  let settled: (() => void) | undefined;
  const over = new Promise<void>((resolve) => {
    settled = resolve;
  });
  async function* requests() {
    yield { number };
    if (plan.requests === "open") await over;
  }
  const read = async (responses: AsyncIterable<unknown>) => {
    const iterator = responses[Symbol.asyncIterator]();
    if (plan.responses === "unread") {
      // The call starts when the first response is requested.
      const first = iterator.next();
      first.catch(() => {});
      await sleep(LEAVE_MS);
      if ((await first).done !== true) messages += 1;
    }
    while ((await iterator.next()).done !== true) messages += 1;
  };
  const single = async (response: Promise<unknown>) => {
    await response;
    messages += 1;
  };
  const kinds = {
    unary: () => single(stub.unary({ number })),
    serverStream: () => read(stub.serverStream({ number })),
    clientStream: () => single(stub.clientStream(requests())),
    bidi: () => read(stub.bidi(requests())),
  };
  try {
    await kinds[plan.kind]();
    return { status: 0, messages };
  } catch (error) {
    return { status: seenError(error)?.code ?? -1, cause: seenError((error as Error).cause), messages };
  } finally {
    settled?.();
  }
}

const control = new Channel(address);
const good = new TestServiceStub(control);
let next = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let index = next++; index < plans.length; index = next++) {
      const plan = plans[index];
      if (plan === undefined) return;
      calls[index] = await run(plan, index + 1);
      const response = await good.unary({}, { timeout: 10_000 });
      if (response.text === "good") goodCalls += 1;
    }
  }),
);
await control.close();
// Sockets close a few turns after their sessions.
for (let turns = 0; turns < 100 && openResources().length > 0; turns++) await sleep(5);
const summary: ClientSummary = { calls, goodCalls, resources: openResources() };
console.log(JSON.stringify(summary));
