import assert from "node:assert/strict";
import { type GRPCError, Metadata, type RetryEvent, type RetryPolicy, Status } from "@grpclib-ts/runtime";
import { bindStub, type MethodErrors, methodErrors } from "@grpclib-ts/runtime/codegen";
import { RetryInfoSchema } from "@grpclib-ts/runtime/error-details";
import { Channel } from "@grpclib-ts/runtime/node";
import { failureOf } from "./failure.js";
import { clientFlags } from "./flags.js";
import { TestServiceStub } from "./gen/grpc/testing/test_grpclib.js";
import { TestService } from "./gen/grpc/testing/test_pb.js";
import { payload } from "./payload.js";

// Calls a server that fails the first attempts of a call, see interop/go/retry-server. Exits with 0 if the call is
// repeated as it should be.
const { server_host: host, server_port: port, test_case: name } = clientFlags();
const address = `http://${host}:${port}`;

/** How the server fails attempts. */
interface Failing {
  readonly attempts: number;
  readonly details?: "retry-info" | "busy";
  readonly pushback?: string;
  readonly after?: "headers" | "response";
}

/** The options of a call that tell the server how to fail it. */
function failing(how: Failing) {
  const entries = Object.entries(how).map(([key, value]): [string, string] => [`fail-${key}`, String(value)]);
  return { metadata: new Metadata(entries), timeout: 10_000 };
}

/** Runs `use` with a stub whose channel has the policy. @returns what `onRetry` was called with */
async function withPolicy(policy: RetryPolicy, use: (stub: TestServiceStub) => Promise<void>): Promise<RetryEvent[]> {
  const events: RetryEvent[] = [];
  const retry = { methods: () => true, onRetry: (event: RetryEvent) => void events.push(event), ...policy };
  await using channel = new Channel(address, { retry });
  await use(new TestServiceStub(channel));
  return events;
}

/** A unary call, which must succeed after so many failed attempts. @returns the delays before the further ones */
async function delaysOf(how: Failing): Promise<number[]> {
  const events = await withPolicy({}, async (stub) => {
    const started = performance.now();
    const { username } = await stub.unaryCall({}, failing(how));
    assert.equal(username, `${how.attempts}`);
    assert.ok(performance.now() - started >= 100);
  });
  for (const { error } of events) assert.equal(error?.message, "not yet");
  return events.map(({ delay }) => delay);
}

/** A call that must fail with its first attempt. */
async function failsAtOnce(call: (stub: TestServiceStub) => Promise<unknown>): Promise<GRPCError> {
  let error: GRPCError | undefined;
  const events = await withPolicy({}, async (stub) => {
    error = await failureOf(call(stub));
  });
  assert.deepEqual(events, []);
  assert.ok(error);
  assert.equal(error.message, "not yet");
  assert.equal(error.attempts, undefined);
  return error;
}

const busy = { attempts: 2, details: "busy" } as const;

const contract = {
  UnaryCall: methodErrors<MethodErrors<GRPCError>>(TestService.method.unaryCall, {
    BUSY: {
      status: Status.RESOURCE_EXHAUSTED,
      reason: "BUSY",
      domain: "interop.example.com",
      details: { retryInfo: RetryInfoSchema },
      retryable: true,
    },
  }),
};

const cases: Readonly<Record<string, () => Promise<void>>> = {
  async unavailable() {
    const [first, second] = await delaysOf({ attempts: 2 });
    assert.ok(first !== undefined && first >= 80 && first <= 120);
    assert.ok(second !== undefined && second >= 160 && second <= 240);
  },
  async retry_info() {
    assert.deepEqual(await delaysOf({ attempts: 2, details: "retry-info" }), [300, 300]);
  },
  async pushback() {
    // It wins over the RetryInfo.
    assert.deepEqual(await delaysOf({ attempts: 2, details: "retry-info", pushback: "123" }), [123, 123]);
  },
  async pushback_stops() {
    const error = await failsAtOnce((stub) => stub.unaryCall({}, failing({ attempts: 1, pushback: "-1" })));
    assert.equal(error.status, Status.UNAVAILABLE);
  },
  async headers_first() {
    await failsAtOnce((stub) => stub.unaryCall({}, failing({ attempts: 1, after: "headers" })));
  },
  async response_first() {
    await failsAtOnce(async (stub) => {
      const responses = stub.fullDuplexCall([{}], failing({ attempts: 1, after: "response" }));
      assert.equal((await responses.next()).done, false);
      await responses.next();
    });
  },
  async client_streaming() {
    const requests = [27182, 8, 1828, 45904].map((size) => ({ payload: payload(size) }));
    const events = await withPolicy({}, async (stub) => {
      const { aggregatedPayloadSize } = await stub.streamingInputCall(requests, failing({ attempts: 2 }));
      assert.equal(aggregatedPayloadSize, 74922);
    });
    assert.equal(events.length, 2);
  },
  async full_duplex() {
    const events = await withPolicy({}, async (stub) => {
      const sizes: (number | undefined)[] = [];
      for await (const response of stub.fullDuplexCall([{}, {}], failing({ attempts: 2 }))) {
        sizes.push(response.payload?.body.length);
      }
      assert.deepEqual(sizes, [2, 2]);
    });
    assert.equal(events.length, 2);
  },
  async declared() {
    // Without any policy.
    await using channel = new Channel(address);
    const stub = new TestServiceStub(channel);
    bindStub(stub, channel, TestService, contract);
    const started = performance.now();
    assert.equal((await stub.unaryCall({}, failing(busy))).username, "2");
    assert.ok(performance.now() - started >= 600);
    const error = await failureOf(stub.unaryCall({}, failing({ ...busy, attempts: 9 })));
    assert.ok(contract.UnaryCall.is(error));
    assert.equal(error.retryable, true);
    assert.equal(error.attempts?.length, 3);
  },
  async declared_without_contract() {
    await using channel = new Channel(address);
    const error = await failureOf(new TestServiceStub(channel).unaryCall({}, failing(busy)));
    assert.equal(error.status, Status.RESOURCE_EXHAUSTED);
    assert.equal(error.retryable, false);
    assert.equal(error.attempts, undefined);
  },
};

const testCase = cases[name];
if (testCase === undefined) throw new Error(`There is no test case "${name}"`);
await testCase();
