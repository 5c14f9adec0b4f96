// A client to be fuzzed. It does not handle uncaught errors or call exit(), for the reasons in
// attacks/programs/client.ts.
import { setTimeout as sleep } from "node:timers/promises";
import { GRPCError } from "../../../src/index.js";
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";
import type { FuzzedCall, News, Order } from "../protocol.js";
import { remains } from "./remains.js";

/** The time after its deadline at which a call counts as hung. */
const SLACK_MS = 5000;

const tell = (news: News) => process.send?.(news);
tell({ news: "ready", port: 0 });

async function run({ kind, timeout, endsRequests }: FuzzedCall, stub: TestServiceStub): Promise<void> {
  const call = new AbortController();
  async function* requests() {
    yield { number: 1 };
    if (!endsRequests) await sleep(timeout * 2, undefined, { signal: call.signal }).catch(() => {});
  }
  const drain = async (responses: AsyncIterable<unknown>) => {
    for await (const _ of responses);
  };
  const kinds = {
    unary: () => stub.unary({ number: 1 }, { timeout }),
    serverStream: () => drain(stub.serverStream({ number: 1 }, { timeout })),
    clientStream: () => stub.clientStream(requests(), { timeout }),
    bidi: () => drain(stub.bidi(requests(), { timeout })),
  };
  try {
    await kinds[kind]();
  } catch (error) {
    // Any other error must end the process: the runtime promises a GRPCError for every outcome.
    if (!(error instanceof GRPCError)) throw error;
  } finally {
    call.abort();
  }
}

/** Makes calls on a new connection. @returns the number of calls that hang */
async function runAll(port: number, calls: readonly FuzzedCall[]): Promise<number> {
  const channel = new Channel(`http://127.0.0.1:${port}`);
  const stub = new TestServiceStub(channel);
  let pending = calls.length;
  const all = Promise.all(
    calls.map(async (call) => {
      await run(call, stub);
      pending -= 1;
    }),
  );
  const patience = new AbortController();
  const longest = Math.max(...calls.map(({ timeout }) => timeout));
  const late = sleep(longest + SLACK_MS, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([all, late]);
  patience.abort();
  await channel.close();
  return pending;
}

async function obey(order: Order): Promise<void> {
  if (order.order === "calls") tell({ news: "done", lane: order.lane, hung: await runAll(order.port, order.calls) });
  if (order.order === "remains") tell({ news: "remains", remains: await remains(() => 0) });
  if (order.order === "close") process.disconnect();
}

process.on("message", (order: Order) => void obey(order));
