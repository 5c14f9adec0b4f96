import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PingEnforcement } from "../../src/http2/ping-enforcement.js";
import { serverKeepalive } from "../../src/http2/server-keepalive.js";
import { Server, type ServerKeepaliveOptions } from "../../src/node.js";
import { data, headers, windowUpdate } from "../frames/frames.js";
import { requestFields, requestMessage } from "../frames/grpc.js";
import { moment, startPair, startServer } from "../harness.js";
import { connectClient } from "./goodbyes.js";

describe("a server that pings", () => {
  test("ends the connection and the calls of a client that has gone silent", async () => {
    const [running, cancelled] = [moment(), moment<unknown>()];
    const { port } = await startServer(
      {
        async *bidi(_requests, { signal }) {
          running.happens();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          cancelled.happens(signal.reason);
        },
      },
      { keepalive: { time: 100, timeout: 100 } },
    );
    const { connection } = await connectClient(port);
    connection.send(headers(1, requestFields("Bidi")));
    await running.promise;
    connection.socket.pause();
    expect(await cancelled.promise).toMatchObject({ message: "The connection to the client was lost" });
  });

  test("keeps a client that answers", async () => {
    const { server, stub } = await startPair(
      { unary: () => ({}) },
      { server: { keepalive: { time: 40, timeout: 200 } } },
    );
    await stub.unary({});
    await sleep(500);
    await stub.unary({});
    expect(server.connections).toMatchObject({ open: 1, accepted: 1 });
  });
});

describe("a client that pings too often", () => {
  const tooManyPings = { lastStream: 2 ** 31 - 1, code: 11, reason: "too_many_pings" };

  /** The connection has sent one ping already. */
  async function start(keepalive: ServerKeepaliveOptions) {
    const { port } = await startServer(
      {
        async *bidi(requests) {
          for await (const _ of requests) yield {};
        },
      },
      { keepalive },
    );
    return await connectClient(port);
  }

  test.for([
    { what: "without calls", keepalive: { enforce: { minTime: 1 } } },
    { what: "by default", keepalive: {} },
    {
      what: "when the time also applies without calls",
      keepalive: { enforce: { minTime: 60_000, withoutCalls: true } },
    },
  ])("is disconnected at the third strike $what", async ({ keepalive }) => {
    const { connection, goodbyes } = await start(keepalive);
    for (let pings = 0; pings < 2; pings++) {
      await sleep(5);
      await connection.roundTrip();
    }
    expect(goodbyes).toEqual([]);
    await connection.roundTrip();
    await connection.closed;
    expect(goodbyes).toEqual([tooManyPings]);
  });

  test("is disconnected with a call in flight too", async () => {
    const { connection, goodbyes } = await start({});
    connection.send(headers(1, requestFields("Bidi")));
    for (let pings = 0; pings < 3; pings++) await connection.roundTrip();
    await connection.closed;
    expect(goodbyes).toEqual([tooManyPings]);
  });

  test("is forgiven whenever the server sends headers or data", async () => {
    const { connection, goodbyes } = await start({});
    connection.send(headers(1, requestFields("Bidi")));
    for (let messages = 0; messages < 5; messages++) {
      await connection.roundTrip();
      await connection.roundTrip();
      connection.send(data(1, requestMessage()), windowUpdate(0, 100));
      await sleep(10);
    }
    expect(goodbyes).toEqual([]);
    expect(connection.socket.destroyed).toBe(false);
  });

  test.for([{ minTime: 0 }, { minTime: 20, withoutCalls: true }])("is allowed to with %o", async (enforce) => {
    const { connection, goodbyes } = await start({ enforce });
    for (let pings = 0; pings < 10; pings++) {
      await sleep(enforce.minTime + 5);
      await connection.roundTrip();
    }
    expect(goodbyes).toEqual([]);
  });
});

describe("strikes", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.for([
    { openCalls: 1, withoutCalls: false, shortest: 300_000 },
    { openCalls: 0, withoutCalls: true, shortest: 300_000 },
    { openCalls: 0, withoutCalls: false, shortest: 7_200_000 },
  ])("need a ping within $shortest ms with $openCalls calls", ({ openCalls, withoutCalls, shortest }) => {
    const outcomes = (interval: number) => {
      const enforcement = new PingEnforcement({ minTime: 300_000, withoutCalls });
      return Array.from({ length: 5 }, () => {
        vi.advanceTimersByTime(interval);
        return enforcement.onPing(false, openCalls);
      });
    };
    expect(outcomes(shortest)).toEqual([false, false, false, false, false]);
    expect(outcomes(shortest - 1)).toEqual([false, false, false, true, true]);
  });
});

test("the defaults are those of gRPC", () => {
  expect(serverKeepalive()).toEqual({
    time: 7_200_000,
    timeout: 20_000,
    enforce: { minTime: 300_000, withoutCalls: false },
  });
});

test.for([
  [{ time: 0 }, "keepalive.time takes a number of milliseconds greater than 0, got 0"],
  [{ timeout: -1 }, "keepalive.timeout takes a number of milliseconds greater than 0, got -1"],
  [{ interval: 5 }, 'keepalive has no option "interval". It has time, timeout, enforce.'],
  [
    { enforce: { minTime: Number.NaN } },
    "keepalive.enforce.minTime takes a number of milliseconds, 0 or more, got NaN",
  ],
  [{ enforce: { strikes: 2 } }, 'keepalive.enforce has no option "strikes". It has minTime, withoutCalls.'],
  [{ enforce: { withoutCalls: 1 } }, "keepalive.enforce.withoutCalls takes true or false, got 1"],
  [5, "keepalive takes an object with options, got 5"],
] as const)("keepalive: %o is a TypeError", ([keepalive, message]) => {
  expect(() => new Server([], { keepalive: keepalive as ServerKeepaliveOptions })).toThrow(new TypeError(message));
});
