// A client to be attacked. It reads from its standard input which calls to make, makes them to the port in its arguments,
// and prints how they ended. It does not handle uncaught errors: its exit code says whether it survived. It does not call
// exit() either: it ends only if nothing is left behind.
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";
import type { CallPlan } from "../calls.js";
import { type CallOutcome, type ClientSummary, openResources, seenError } from "../outcomes.js";

/** Calls that are under way at the same time. */
const AT_ONCE = 16;
/** A call that has not ended by now hangs: the servers leave at once. */
const PATIENCE_MS = 5000;
/** What a server needs to leave, when the responses are not to be read before that. */
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
      // The call starts with the first response that is asked for.
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
// Sockets close some turns after their sessions.
for (let turns = 0; turns < 100 && openResources().length > 0; turns++) await sleep(5);
const summary: ClientSummary = { calls, goodCalls, resources: openResources() };
console.log(JSON.stringify(summary));
