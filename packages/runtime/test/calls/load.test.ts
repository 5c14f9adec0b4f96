import { describe, expect, test } from "vitest";
import { GRPCError, type ServerContext, Status } from "../../src/index.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { collect, rejection, startPair } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

const MiB = 1024 * 1024;

/** Bytes that differ from place to place, so that a mix-up shows. */
function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
}

describe("large messages", () => {
  const data = bytes(MiB);

  test.for(kinds)("%s: a MiB goes to and fro", async (kind) => {
    const { stub } = await startPair(handleAll((_context, [request]) => ({ data: request?.data ?? bytes(0) })));
    const [response] = await call(stub, kind, {}, { data });
    expect(Buffer.compare(response?.data ?? bytes(0), data)).toBe(0);
  });

  test("many large messages go over one stream", async () => {
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
  // The field's tag and length take three bytes.
  const data = bytes(1000 - 3);
  const tooMuch = bytes(1001 - 3);

  test.for(kinds)("%s: a request of maxReceiveMessageBytes passes, a larger one does not", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, [request]) => ({ number: request?.data.length ?? 0 })),
      { server: { maxReceiveMessageBytes: 1000 } },
    );
    expect(await call(stub, kind, {}, { data })).toMatchObject([{ number: 997 }]);
    const error = (await rejection(call(stub, kind, {}, { data: tooMuch }))) as GRPCError;
    expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "peer" });
    expect(error.message).toMatch(/1001.*1000/);
  });

  test.for(kinds)("%s: a response of maxReceiveMessageBytes passes, a larger one does not", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, [request]) => ({ data: request?.text === "large" ? tooMuch : data })),
      { channel: { maxReceiveMessageBytes: 1000 } },
    );
    expect(await call(stub, kind)).toMatchObject([{ data }]);
    const error = (await rejection(call(stub, kind, {}, { text: "large" }))) as GRPCError;
    expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "client" });
    expect(error.message).toMatch(/1001.*1000/);
  });

  test.for(kinds)("%s: without an option it is 4 MiB on both sides", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, [request]) => ({ data: new Uint8Array(request?.number ?? 0) })),
    );
    const large = new Uint8Array(4 * MiB);
    const requestError = await rejection(call(stub, kind, {}, { data: large }));
    expect(requestError).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "peer" });
    const responseError = await rejection(call(stub, kind, {}, { number: 4 * MiB }));
    expect(responseError).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "client" });
    expect(await call(stub, kind, {}, { number: 4 * MiB - 5 })).toHaveLength(1);
  });

  test("the messages before one that is too large arrive", async () => {
    const { stub } = await startPair(
      {
        async *serverStream(_request, context) {
          yield { text: "first" };
          yield { data: tooMuch };
          await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        },
      },
      { channel: { maxReceiveMessageBytes: 1000 } },
    );
    const texts: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const { text } of stub.serverStream({})) texts.push(text);
      })(),
    );
    expect(texts).toEqual(["first"]);
    expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
  });

  test("calls over maxConcurrentStreams wait for their turn", async () => {
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
  test("500 calls of all kinds at a time get their own answers", async () => {
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

  test("20,000 responses come in order", async () => {
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

  test("20,000 requests come in order", async () => {
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

describe("a slow reader", () => {
  const item = { data: bytes(64 * 1024) };
  /** More than all buffers between a writer and a reader hold, in items. */
  const runAway = 200;

  /** Waits until a count stays the same, whatever else goes on. */
  async function settled(stub: TestServiceStub, count: () => number): Promise<number> {
    for (;;) {
      const before = count();
      for (let i = 0; i < 30; i++) await stub.unary({});
      if (count() === before) return before;
    }
  }

  test("of responses holds the generator of the server", async () => {
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
    expect(ahead).toBeLessThan(runAway);
    // It goes on when the reader does.
    expect(1 + (await collect(responses)).length).toBe(1000);
  });

  test("of responses gets all of them before the error", async () => {
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

  test("of requests holds the generator of the client", async () => {
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
    expect(ahead).toBeLessThan(runAway);
    read();
    expect(await result).toMatchObject({ number: 1000 });
  });
});
