import { createHook } from "node:async_hooks";
import { connect as connectTcp } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { collect, connect, startPair, startServer, startTcpServer } from "../harness.js";
import type { TestHandlers } from "./kinds.js";

// What a call costs, in numbers that do not depend on how fast the machine is.

/** HTTP/2 frames of type DATA in some bytes, of which `rest` are not complete yet. */
function countData(bytes: Buffer): { readonly count: number; readonly rest: Buffer } {
  let count = 0;
  let rest = bytes;
  while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
    if (rest[3] === 0) count += 1;
    rest = rest.subarray(9 + rest.readUIntBE(0, 3));
  }
  return { count, rest };
}

/** What comes through a relay between a stub and a server: chunks, each of a write or several, and frames of messages. */
async function startRelayed(handlers: TestHandlers) {
  const { port } = await startServer({ unary: ({ text }) => ({ text }), ...handlers });
  const chunks = { toServer: 0, toClient: 0, dataToClient: 0 };
  const { address } = await startTcpServer((client) => {
    const server = connectTcp(port, "127.0.0.1").setNoDelay();
    server.on("error", () => {});
    onTestFinished(() => void server.destroy());
    client.on("data", (chunk) => {
      chunks.toServer += 1;
      server.write(chunk);
    });
    let unread = Buffer.alloc(0);
    server.on("data", (chunk) => {
      chunks.toClient += 1;
      const { count, rest } = countData(Buffer.concat([unread, chunk]));
      chunks.dataToClient += count;
      unread = rest;
      client.write(chunk);
    });
  });
  const stub = connect(address);
  await stub.unary({});
  Object.assign(chunks, { toServer: 0, toClient: 0, dataToClient: 0 });
  return { stub, chunks };
}

const text = "a small message";

test("calls that are made together share their writes, and so do their answers", async () => {
  const { stub, chunks } = await startRelayed({});
  await Promise.all(Array.from({ length: 64 }, () => stub.unary({ text })));
  expect(chunks.toServer).toBeLessThan(10);
  expect(chunks.toClient).toBeLessThan(10);
});

test("messages of a stream that come without waiting share their writes", async () => {
  const { stub, chunks } = await startRelayed({
    async *serverStream() {
      for (let i = 0; i < 10_000; i++) yield { text };
    },
  });
  expect(await collect(stub.serverStream({}))).toHaveLength(10_000);
  // They have 22 bytes each, and a write has 16 KiB.
  expect(chunks.toClient).toBeLessThan(50);
  expect(chunks.dataToClient).toBeLessThan(50);
});

test("requests of a stream that come without waiting share their writes", async () => {
  const { stub, chunks } = await startRelayed({
    async clientStream(requests) {
      let number = 0;
      for await (const _ of requests) number += 1;
      return { number };
    },
  });
  const requests = Array.from({ length: 10_000 }, () => ({ text }));
  expect(await stub.clientStream(requests)).toMatchObject({ number: 10_000 });
  expect(chunks.toServer).toBeLessThan(50);
});

test("a unary call makes seven promises, of both sides together", async () => {
  const { stub } = await startPair({ unary: ({ text }) => ({ text }) });
  await stub.unary({ text });
  let promises = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === "PROMISE") promises += 1;
    },
  }).enable();
  for (let i = 0; i < 100; i++) await stub.unary({ text });
  hook.disable();
  // A few are those of the test runner.
  expect(promises).toBeLessThan(780);
});
