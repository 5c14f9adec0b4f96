import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { connect as connectTcp } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { HeldRequests } from "../../src/client/held-requests.js";
import { InterceptedCall } from "../../src/client/intercepted-call.js";
import type { ClientInterceptor } from "../../src/client/interceptor.js";
import { InterceptorRun } from "../../src/client/interceptor-run.js";
import { ResponseRelay } from "../../src/client/response-relay.js";
import { bindStub } from "../../src/client/stub.js";
import { TransportAttempt } from "../../src/client/transport-attempt.js";
import { methodErrors } from "../../src/errors/contract.js";
import { CallTally } from "../../src/http2/call-tally.js";
import { Http2Transport } from "../../src/http2/transport.js";
import { type ServerInterceptor, Status } from "../../src/index.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { collect, connect, startPairOnNetwork, startServer, startTcpServer } from "../harness.js";
import type { TestHandlers } from "./kinds.js";

// What a call costs the client and the server together, in counts that do not depend on the speed of the machine.

const text = "a small message";
const messages = 10_000;

const handlers: TestHandlers = {
  unary: ({ text }) => ({ text }),
  async *serverStream() {
    for (let i = 0; i < messages; i++) yield { text };
  },
  async clientStream(requests) {
    let number = 0;
    for await (const _ of requests) number += 1;
    return { number };
  },
  async *bidi(requests) {
    for await (const { text } of requests) yield { text };
  },
};

const pass: ClientInterceptor = async (_call, next) => next();
const passOn: ServerInterceptor = async (_call, next) => next();

/** Counts the promises created and the writes to HTTP/2 streams while an action runs. */
async function count(action: () => Promise<unknown>): Promise<{ promises: number; writes: number }> {
  const counts = new Map<string, number>();
  const hook = createHook({ init: (_id, type) => counts.set(type, (counts.get(type) ?? 0) + 1) }).enable();
  await action();
  hook.disable();
  return { promises: counts.get("PROMISE") ?? 0, writes: counts.get("WRITEWRAP") ?? 0 };
}

test("a unary call takes seven promises and two writes", async () => {
  const { stub } = await startPairOnNetwork(handlers);
  await stub.unary({ text });
  const { promises, writes } = await count(async () => {
    for (let i = 0; i < 100; i++) await stub.unary({ text });
  });
  // The test runner creates a few promises too.
  expect(promises / 100).toBeLessThan(7.5);
  expect(writes).toBe(200);
});

test("counting a call for snapshots allocates nothing", () => {
  const tally = new CallTally();
  const end = { status: Status.OK };
  const call = { path: "/test.v1.TestService/Unary", peer: "127.0.0.1:1" };
  const number = 200_000;
  const allocated = () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < number; i++) {
      tally.onStarted();
      tally.onEnded(end, call);
    }
    return (process.memoryUsage().heapUsed - before) / number;
  };
  const samples = Array.from({ length: 9 }, allocated).sort((a, b) => a - b);
  // The smallest object takes 16 bytes. A garbage collection would make a sample negative; compiling, positive.
  expect(Math.abs(samples[4] ?? Number.NaN)).toBeLessThan(1);
  expect(tally.counts).toMatchObject({ started: 9 * number, inFlight: 0, byStatus: { OK: 9 * number } });
});

test("a unary call of a method that declares errors, none of them retryable, takes no more", async () => {
  const { stub, channel } = await startPairOnNetwork(handlers);
  const gone = { status: Status.ABORTED, reason: "GONE", domain: "test.v1" };
  bindStub(stub, channel, TestService, { Unary: methodErrors<object>(TestService.method.unary, { GONE: gone }) });
  await stub.unary({ text });
  const { promises, writes } = await count(async () => {
    for (let i = 0; i < 100; i++) await stub.unary({ text });
  });
  expect(promises / 100).toBeLessThan(7.5);
  expect(writes).toBe(200);
});

test("a unary call through an interceptor that does nothing takes five more promises", async () => {
  const { address } = await startServer(handlers);
  const promises: number[] = [];
  for (const interceptors of [0, 1, 3]) {
    const stub = connect(address, {
      interceptors: Array(interceptors).fill(pass),
    });
    await stub.unary({ text });
    const counts = await count(async () => {
      for (let i = 0; i < 100; i++) await stub.unary({ text });
    });
    promises.push(counts.promises / 100);
  }
  const [none = 0, one = 0, three = 0] = promises;
  expect(one - none).toBeLessThan(5.5);
  expect(three - one).toBeLessThan(10.5);
});

test("a unary call through an interceptor of a server that does nothing takes six more promises, and three for each further one", async () => {
  const promises: number[] = [];
  for (const interceptors of [0, 1, 3]) {
    const { stub } = await startPairOnNetwork(handlers, { server: { interceptors: Array(interceptors).fill(passOn) } });
    await stub.unary({ text });
    const counts = await count(async () => {
      for (let i = 0; i < 100; i++) await stub.unary({ text });
    });
    promises.push(counts.promises / 100);
  }
  const [none = 0, one = 0, three = 0] = promises;
  expect(one - none).toBeLessThan(6.5);
  expect(three - one).toBeLessThan(6.5);
});

test("without interceptors, a call of a channel takes as many promises as one of its transport", async () => {
  const { address } = await startServer(handlers);
  const bare = new Http2Transport(address, {}, true);
  onTestFinished(() => bare.close());
  const promises: number[] = [];
  for (const stub of [new TestServiceStub(bare), connect(address)]) {
    await stub.unary({ text });
    const counts = await count(async () => {
      for (let i = 0; i < 100; i++) await stub.unary({ text });
    });
    promises.push(counts.promises / 100);
  }
  const [ofTransport = 0, ofChannel = 0] = promises;
  // The test runner creates a few promises too.
  expect(Math.abs(ofChannel - ofTransport)).toBeLessThan(0.5);
});

test("without interceptors, a call does not go through their objects", async () => {
  const { address } = await startServer(handlers);
  const methods = [
    vi.spyOn(InterceptedCall.prototype, "start"),
    vi.spyOn(InterceptorRun.prototype, "run"),
    vi.spyOn(TransportAttempt.prototype, "start"),
    vi.spyOn(HeldRequests.prototype, "add"),
    vi.spyOn(ResponseRelay.prototype, "finish"),
  ];
  onTestFinished(() => void vi.restoreAllMocks());
  const numbers: number[][] = [];
  for (const interceptors of [[], [pass]]) {
    await connect(address, { interceptors }).unary({ text });
    numbers.push(methods.map(({ mock }) => mock.calls.length));
  }
  expect(numbers).toEqual([methods.map(() => 0), methods.map(() => 1)]);
});

test("without propagation, a call does not use AsyncLocalStorage", async () => {
  const methods = [vi.spyOn(AsyncLocalStorage.prototype, "run"), vi.spyOn(AsyncLocalStorage.prototype, "getStore")];
  onTestFinished(() => void vi.restoreAllMocks());
  // This order, because a process in which a server propagates its calls looks for them from then on.
  for (const propagation of [false, true]) {
    const { stub } = await startPairOnNetwork(handlers, { server: { propagation } });
    for (const method of methods) method.mockClear();
    await stub.unary({ text });
    // How many calls it takes depends on the version of Node, because run() may call getStore().
    expect(methods.map(({ mock }) => mock.calls.length > 0)).toEqual([propagation, propagation]);
  }
});

test("a message streamed from a server takes six promises, and many messages share a write", async () => {
  const { stub } = await startPairOnNetwork(handlers);
  await stub.unary({ text });
  const { promises, writes } = await count(() => collect(stub.serverStream({})));
  expect(promises / messages).toBeLessThan(6.1);
  expect(writes).toBeLessThan(40);
});

test("a message streamed to a server takes four promises, and many messages share a write", async () => {
  const { stub } = await startPairOnNetwork(handlers);
  await stub.unary({ text });
  const requests = Array.from({ length: messages }, () => ({ text }));
  const { promises, writes } = await count(() => stub.clientStream(requests));
  expect(promises / messages).toBeLessThan(4.1);
  expect(writes).toBeLessThan(40);
});

test("a round trip on an open stream takes twelve promises and two writes", async () => {
  const { stub } = await startPairOnNetwork(handlers);
  const stream = stub.bidi.open();
  const roundTrip = async () => {
    await stream.sendMessage({ text });
    return await stream.recvMessage();
  };
  expect((await roundTrip())?.text).toBe(text);
  const { promises, writes } = await count(async () => {
    for (let i = 0; i < 100; i++) await roundTrip();
  });
  await stream.cancel();
  expect(promises / 100).toBeLessThan(12.5);
  expect(writes).toBe(200);
});

test("opening a stream and making one round trip takes twenty-one promises", async () => {
  const { stub } = await startPairOnNetwork(handlers);
  await stub.unary({ text });
  // Few enough that the server resumes all of their handlers in the same turn of the event loop.
  const streams = Array.from({ length: 16 }, () => stub.bidi.open());
  const { promises } = await count(async () => {
    for (const stream of streams) await stream.sendMessage({ text });
    for (const stream of streams) await stream.recvMessage();
  });
  await Promise.all(streams.map((stream) => stream.cancel()));
  // The test runner creates a few promises too.
  expect(promises / 16).toBeLessThan(21.5);
});

test("calls made at the same time share the writes of their connection, and so do their responses", async () => {
  const { port } = await startServer(handlers);
  // A relay between the two sees at least one chunk for each write.
  const chunks = { toServer: 0, toClient: 0 };
  const { address } = await startTcpServer((client) => {
    const server = connectTcp(port, "127.0.0.1").setNoDelay();
    server.on("error", () => {});
    onTestFinished(() => void server.destroy());
    client.on("data", (chunk) => {
      chunks.toServer += 1;
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      chunks.toClient += 1;
      client.write(chunk);
    });
  });
  const stub = connect(address);
  await stub.unary({ text });
  Object.assign(chunks, { toServer: 0, toClient: 0 });
  await Promise.all(Array.from({ length: 64 }, () => stub.unary({ text })));
  expect(chunks.toServer).toBeLessThan(10);
  expect(chunks.toClient).toBeLessThan(10);
});
