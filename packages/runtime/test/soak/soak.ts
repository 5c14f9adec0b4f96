// Makes 100,000 calls: a third are cancelled, a third time out, and a third fail. Prints the resources left behind, and
// fails if there are any. Run it with `npm run soak`.
import { GRPCError, Status } from "../../src/index.js";
import { Channel, Server } from "../../src/node.js";
import { TestServiceBase, TestServiceStub } from "../gen/test/v1/test_grpclib.js";

const CALLS = 100_000;
const AT_ONCE = 200;
const ROUNDS = 10;
// On Node 20, a server closes a connection after 1,000 resets in a row. That limit cannot be changed.
const CALLS_PER_CHANNEL = Number.parseInt(process.versions.node, 10) < 22 ? 1_000 : CALLS / 10;

const never = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
  );

const service = TestServiceBase.of({
  async unary({ text }, { signal }) {
    if (text === "fail") throw new GRPCError(Status.NOT_FOUND, "there is none");
    return await never(signal);
  },
  async *serverStream({ text }, { signal }) {
    for (let number = 0; number < 3; number++) yield { number };
    if (text === "fail") throw new GRPCError(Status.ABORTED, "it has changed");
    await never(signal);
  },
  async clientStream(requests, { signal }) {
    for await (const { text } of requests) if (text === "fail") throw new GRPCError(Status.DATA_LOSS, "it is gone");
    return await never(signal);
  },
  async *bidi(requests) {
    for await (const { text } of requests) {
      if (text === "fail") throw new GRPCError(Status.OUT_OF_RANGE, "too far");
      yield { text };
    }
  },
});

/** The ways to end a call, with the resulting status. Each is used for a third of the calls. */
const endings = [
  { text: "cancel", expected: [Status.CANCELLED] },
  { text: "time out", expected: [Status.DEADLINE_EXCEEDED] },
  { text: "fail", expected: [Status.NOT_FOUND, Status.ABORTED, Status.DATA_LOSS, Status.OUT_OF_RANGE] },
] as const;

const reports: unknown[] = [];
const server = new Server([service], { onError: (error) => reports.push(error) });
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });

async function runCall(stub: TestServiceStub, index: number): Promise<void> {
  const { text, expected } = endings[index % endings.length] ?? endings[0];
  const abort = new AbortController();
  const options = {
    ...(text === "time out" && { timeout: 5 + (index % 20) }),
    ...(text === "cancel" && { signal: abort.signal }),
  };
  const timer = text === "cancel" ? setTimeout(() => abort.abort(), index % 20) : undefined;
  const status = await outcome(stub, index, text, options);
  clearTimeout(timer);
  if (!expected.some((one) => one === status)) throw new Error(`Call ${index} (${text}) ended with ${status}`);
}

async function outcome(stub: TestServiceStub, index: number, text: string, options: object): Promise<Status | "OK"> {
  async function* requests() {
    yield { text };
    if (text !== "fail") await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const drain = async (responses: AsyncIterable<unknown>) => {
    for await (const _ of responses);
    if (text !== "fail") throw new Error("The stream ended");
  };
  const kinds = [
    () => stub.unary({ text }, options),
    () => drain(stub.serverStream({ text }, options)),
    () => stub.clientStream(requests(), options),
    () => drain(stub.bidi(requests(), options)),
  ];
  try {
    await kinds[Math.floor(index / endings.length) % kinds.length]?.();
    return "OK";
  } catch (error) {
    if (error instanceof GRPCError) return error.status;
    throw error;
  }
}

async function runCalls(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += CALLS_PER_CHANNEL) {
    await using channel = new Channel(`http://127.0.0.1:${port}`);
    const stub = new TestServiceStub(channel);
    let next = start;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (next < start + CALLS_PER_CHANNEL) await runCall(stub, next++);
      }),
    );
  }
}

/** Measures the resources left after a garbage collection. */
async function remains() {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (name: string) => resources.filter((resource) => resource === name).length;
  return {
    MB: Math.round((heapUsed + external) / 1e4) / 100,
    timers: count("Timeout"),
    sockets: count("TCPSocketWrap"),
  };
}

interface Row {
  readonly calls: number;
  readonly "calls/s": number;
  readonly MB: number;
  readonly timers: number;
  readonly sockets: number;
}

const rows: Row[] = [];
const perRound = CALLS / ROUNDS;
await runCalls(0, perRound); // warm: code, caches, pools
for (let round = 0; round < ROUNDS; round++) {
  const start = performance.now();
  await runCalls(round * perRound, (round + 1) * perRound);
  const perSecond = Math.round((1000 * perRound) / (performance.now() - start));
  const row = { calls: (round + 1) * perRound, "calls/s": perSecond, ...(await remains()) };
  rows.push(row);
  console.log(`${row.calls} calls, ${row.MB} MB`);
}
await server.close();
console.table(rows);
const left = await remains();
console.log("after closing:", left);

const growth = (rows.at(-1)?.MB ?? 0) - (rows[0]?.MB ?? 0);
const problems = [
  growth > 1 && `the memory grew by ${growth.toFixed(2)} MB between the first round and the last`,
  rows.some(({ timers }) => timers > 0) && "timers were left between rounds",
  rows.some(({ sockets }) => sockets > 0) && "connections were left between rounds",
  (left.timers > 0 || left.sockets > 0) && "timers or connections were left after closing",
  reports.length > 0 && `${reports.length} errors were reported, the first: ${reports[0]}`,
].filter((problem) => problem !== false);
for (const problem of problems) console.log(`FAILED: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
