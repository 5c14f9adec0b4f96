import { createHook } from "node:async_hooks";
import { connect as connectTcp } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { collect, connect, startPair, startServer, startTcpServer } from "../harness.js";
import type { TestHandlers } from "./kinds.js";

// What a call costs, of both sides together, in numbers that do not depend on how fast the machine is.

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

/** How many promises are made meanwhile, and how many writes to HTTP/2 streams. */
async function count(action: () => Promise<unknown>): Promise<{ promises: number; writes: number }> {
  const counts = new Map<string, number>();
  const hook = createHook({ init: (_id, type) => counts.set(type, (counts.get(type) ?? 0) + 1) }).enable();
  await action();
  hook.disable();
  return { promises: counts.get("PROMISE") ?? 0, writes: counts.get("WRITEWRAP") ?? 0 };
}

test("a unary call makes seven promises and two writes", async () => {
  const { stub } = await startPair(handlers);
  await stub.unary({ text });
  const { promises, writes } = await count(async () => {
    for (let i = 0; i < 100; i++) await stub.unary({ text });
  });
  // A few promises are those of the test runner.
  expect(promises / 100).toBeLessThan(7.5);
  expect(writes).toBe(200);
});

test("a message that is streamed from a server makes six promises, and many share a write", async () => {
  const { stub } = await startPair(handlers);
  await stub.unary({ text });
  const { promises, writes } = await count(() => collect(stub.serverStream({})));
  expect(promises / messages).toBeLessThan(6.1);
  expect(writes).toBeLessThan(40);
});

test("a message that is streamed to a server makes four promises, and many share a write", async () => {
  const { stub } = await startPair(handlers);
  await stub.unary({ text });
  const requests = Array.from({ length: messages }, () => ({ text }));
  const { promises, writes } = await count(() => stub.clientStream(requests));
  expect(promises / messages).toBeLessThan(4.1);
  expect(writes).toBeLessThan(40);
});

test("a round trip on an open stream makes twelve promises and two writes", async () => {
  const { stub } = await startPair(handlers);
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

test("to open a stream and use it for one round trip makes eighteen promises", async () => {
  const { stub } = await startPair(handlers);
  await stub.unary({ text });
  // So few that none waits for a turn, though others have taken places before.
  const streams = Array.from({ length: 16 }, () => stub.bidi.open());
  const { promises } = await count(async () => {
    for (const stream of streams) await stream.sendMessage({ text });
    for (const stream of streams) await stream.recvMessage();
  });
  await Promise.all(streams.map((stream) => stream.cancel()));
  // A few promises are those of the test runner.
  expect(promises / 16).toBeLessThan(18.5);
});

test("calls that are made together share the writes of their connection, and so do their answers", async () => {
  const { port } = await startServer(handlers);
  // Through a relay come at least as many chunks as there were writes.
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
