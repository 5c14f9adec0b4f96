import { describe, expect, test } from "vitest";
import { GRPCError, type ServerContext, Status } from "../../src/index.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { collect, rejection, startPair } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

const MiB = 1024 * 1024;

/** Bytes that depend on their position, so that a mix-up is detected. */
function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
}

describe("large messages", () => {
  const data = bytes(MiB);

  test.for(kinds)("%s: a message of 1 MiB is echoed", async (kind) => {
    const { stub } = await startPair(handleAll((_context, [request]) => ({ data: request?.data ?? bytes(0) })));
    const [response] = await call(stub, kind, {}, { data });
    expect(Buffer.compare(response?.data ?? bytes(0), data)).toBe(0);
  });

  test("one stream carries many large messages", async () => {
    const { stub } = await startPair({
      async *bidi(requests) {
        for await (const { data, number } of requests) yield { data, number };
      },
    });
    const responses = await collect(stub.bidi(Array.from({ length: 20 }, (_, number) => ({ data, number }))));
    expect(responses.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(responses.every((response) => Buffer.compare(response.data, data) === 0)).toBe(true);
  });
});

describe("limits", () => {
  test("calls beyond maxConcurrentStreams wait until a stream is free", async () => {
    let running = 0;
    let most = 0;
    const { stub } = await startPair(
      handleAll(async (_context, [request]) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return { number: request?.number ?? -1 };
      }),
      { server: { maxConcurrentStreams: 5 } },
    );
    const calls = Array.from({ length: 60 }, (_, number) => call(stub, kinds[number % 4] ?? "unary", {}, { number }));
    const numbers = (await Promise.all(calls)).map(([response]) => response?.number);
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(5);
  });
});

describe("many", () => {
  test("500 concurrent calls of all kinds get their own responses", async () => {
    const { stub } = await startPair(
      handleAll(async (_context, [request]) => {
        await new Promise((resolve) => setImmediate(resolve));
        return { number: request?.number ?? -1 };
      }),
    );
    const calls = Array.from({ length: 500 }, (_, number) => call(stub, kinds[number % 4] ?? "unary", {}, { number }));
    const numbers = (await Promise.all(calls)).map(([response]) => response?.number);
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });

  test("20,000 responses arrive in order", async () => {
    const { stub } = await startPair({
      async *serverStream({ number: count }) {
        for (let number = 0; number < count; number++) yield { number };
      },
    });
    let expected = 0;
    let wrong = 0;
    for await (const { number } of stub.serverStream({ number: 20_000 })) if (number !== expected++) wrong += 1;
    expect({ expected, wrong }).toEqual({ expected: 20_000, wrong: 0 });
  });

  test("20,000 requests arrive in order", async () => {
    const { stub } = await startPair({
      async clientStream(requests) {
        let expected = 0;
        for await (const { number } of requests) if (number === expected) expected += 1;
        return { number: expected };
      },
    });
    const requests = Array.from({ length: 20_000 }, (_, number) => ({ number }));
    expect(await stub.clientStream(requests)).toMatchObject({ number: 20_000 });
  });
});

describe("backpressure", () => {
  const item = { data: bytes(64 * 1024) };
  /** More items than all buffers between a writer and a reader hold. */
  const tooFarAhead = 200;

  /** Waits until a count no longer changes while other calls are made. */
  async function settled(stub: TestServiceStub, count: () => number): Promise<number> {
    for (;;) {
      const before = count();
      for (let i = 0; i < 30; i++) await stub.unary({});
      if (count() === before) return before;
    }
  }

  test("a slow reader of responses pauses the server's generator", async () => {
    let produced = 0;
    const { stub } = await startPair({
      unary: () => ({}),
      async *serverStream() {
        for (; produced < 1000; produced++) yield item;
      },
    });
    const responses = stub.serverStream({});
    await responses.next();
    const ahead = await settled(stub, () => produced);
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(tooFarAhead);
    // The generator resumes when the reader does.
    expect(1 + (await collect(responses)).length).toBe(1000);
  });

  test("a slow reader of responses gets all of them before the error", async () => {
    const { stub } = await startPair({
      async *serverStream() {
        for (let i = 0; i < 50; i++) yield item;
        throw new GRPCError(Status.ABORTED, "after fifty");
      },
    });
    let count = 0;
    const error = await rejection(
      (async () => {
        for await (const { data } of stub.serverStream({})) {
          count += data.length / item.data.length;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      })(),
    );
    expect(count).toBe(50);
    expect(error).toMatchObject({ status: Status.ABORTED, message: "after fifty" });
  });

  test("a slow reader of requests pauses the client's generator", async () => {
    let produced = 0;
    let read: () => void = () => {};
    const mayRead = new Promise<void>((resolve) => {
      read = resolve;
    });
    const { stub } = await startPair({
      unary: () => ({}),
      async clientStream(requests: AsyncIterable<unknown>, _context: ServerContext) {
        await mayRead;
        return { number: (await collect(requests)).length };
      },
    });
    async function* requests() {
      for (; produced < 1000; produced++) yield item;
    }
    const result = stub.clientStream(requests());
    const ahead = await settled(stub, () => produced);
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(tooFarAhead);
    read();
    expect(await result).toMatchObject({ number: 1000 });
  });
});
