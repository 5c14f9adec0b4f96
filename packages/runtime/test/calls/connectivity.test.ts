import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import type { ConnectivityState } from "../../src/node.js";
import { preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { Setting, settings } from "../frames/frames.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import {
  connect,
  moment,
  openChannel,
  rejection,
  startPairOnNetwork,
  startServer,
  startTcpServer,
  unusedPort,
} from "../harness.js";
import { handleAll } from "./kinds.js";

// The state of a channel: https://github.com/grpc/grpc/blob/master/doc/connectivity-semantics-and-api.md

const handlers = handleAll(() => ({ text: "answer" }));
const quick = { initial: 50, jitter: 0 };

/** Collects the states of a channel. */
function follow(channel: ReturnType<typeof openChannel>): ConnectivityState[] {
  const states: ConnectivityState[] = [];
  void (async () => {
    for await (const state of channel.changes()) states.push(state);
  })();
  return states;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

describe("channel.state and changes()", () => {
  test("a channel connects with its first call, and is IDLE again when the server has gone", async () => {
    const { server, channel, stub } = await startPairOnNetwork(handlers);
    const states = follow(channel);
    expect(channel.state).toBe("IDLE");
    await sleep(20);
    expect(states).toEqual(["IDLE"]);
    await stub.unary({});
    expect(channel.state).toBe("READY");
    await server.close();
    await until(() => channel.state !== "READY");
    await sleep(5);
    expect(states).toEqual(["IDLE", "CONNECTING", "READY", "IDLE"]);
    await channel.close();
    expect(channel.state).toBe("SHUTDOWN");
    await sleep(5);
    expect(states.at(-1)).toBe("SHUTDOWN");
  });

  test("a channel that cannot connect waits in TRANSIENT_FAILURE", async () => {
    const channel = openChannel(`http://127.0.0.1:${await unusedPort()}`, { backoff: { initial: 100, jitter: 0 } });
    const states = follow(channel);
    const stub = new TestServiceStub(channel);
    await rejection(stub.unary({}));
    expect(channel.state).toBe("TRANSIENT_FAILURE");
    await until(() => channel.state === "IDLE");
    await rejection(stub.unary({}));
    await sleep(5);
    expect(states).toEqual(["IDLE", "CONNECTING", "TRANSIENT_FAILURE", "IDLE", "CONNECTING", "TRANSIENT_FAILURE"]);
  });

  test("a call that is withdrawn leaves its connection attempt, which may fail later", async () => {
    const { address, sockets } = await startTcpServer((socket) => socket.resume());
    const channel = openChannel(address, { connectTimeout: 200 });
    const stub = new TestServiceStub(channel);
    await rejection(stub.unary({}, { timeout: 50 }));
    expect(channel.state).toBe("CONNECTING");
    await until(() => channel.state === "TRANSIENT_FAILURE");
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE });
    expect(sockets).toHaveLength(1);
  });

  test("an iteration can be left while it waits for a change", async () => {
    const changes = openChannel("http://127.0.0.1:1").changes();
    expect(await changes.next()).toEqual({ done: false, value: "IDLE" });
    const next = changes.next();
    expect(await changes.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test("an iteration can be left although its first states have not been read", async () => {
    const changes = openChannel("http://127.0.0.1:1").changes();
    const done = { done: true, value: undefined };
    expect(await Promise.all([changes.next(), changes.next(), changes.return?.()])).toEqual([
      { done: false, value: "IDLE" },
      done,
      done,
    ]);
  });

  test("each iteration begins with the present state, and can be left", async () => {
    const { channel, stub } = await startPairOnNetwork(handlers);
    await stub.unary({});
    for (let round = 0; round < 2; round++) {
      for await (const state of channel.changes()) {
        expect(state).toBe("READY");
        break;
      }
    }
    await channel.close();
    const states: ConnectivityState[] = [];
    for await (const state of channel.changes()) states.push(state);
    expect(states).toEqual(["SHUTDOWN"]);
  });
});

describe("channel.connect()", () => {
  test("connects before the first call", async () => {
    const { channel } = await startPairOnNetwork(handlers);
    channel.connect();
    expect(channel.state).toBe("CONNECTING");
    channel.connect();
    await until(() => channel.state === "READY");
  });

  test("a call that gives up meanwhile does not end the attempt", async () => {
    const { address, sockets } = await startTcpServer();
    const channel = openChannel(address);
    channel.connect();
    await rejection(new TestServiceStub(channel).unary({}, { timeout: 30 }));
    expect(channel.state).toBe("CONNECTING");
    expect(sockets.map((socket) => socket.destroyed)).toEqual([false]);
  });

  test("has no effect on a channel that is closed", async () => {
    const { channel } = await startPairOnNetwork(handlers);
    await channel.close();
    channel.connect();
    expect(channel.state).toBe("SHUTDOWN");
  });
});

describe("channel.ready()", () => {
  test("resolves when there is a connection, at once if there is one", async () => {
    const { channel } = await startPairOnNetwork(handlers);
    await channel.ready();
    expect(channel.state).toBe("READY");
    await channel.ready({ timeout: 1000 });
  });

  test("waits for a server that starts later", async () => {
    const port = await unusedPort();
    const channel = openChannel(`http://127.0.0.1:${port}`, { backoff: quick });
    const ready = channel.ready({ timeout: 10_000 });
    await until(() => channel.state === "TRANSIENT_FAILURE");
    await startServer(handlers, { listen: { host: "127.0.0.1", port } });
    await ready;
    expect(channel.state).toBe("READY");
  });

  test("resolves although a call takes the only stream", async () => {
    const { promise: release, happens: letGo } = moment();
    const { channel, stub } = await startPairOnNetwork(
      { unary: () => release.then(() => ({})) },
      { server: { maxConcurrentStreams: 1 } },
    );
    const calls = [stub.unary({}), stub.unary({})];
    await channel.ready({ timeout: 2000 });
    expect(channel.state).toBe("READY");
    letGo();
    await Promise.all(calls);
  });

  test("resolves although the server allows no streams yet", async () => {
    const { address } = await startTcpServer((socket) => {
      new FrameConnection(socket, preface.length).send(settings({ [Setting.MAX_CONCURRENT_STREAMS]: 0 }));
    });
    const channel = openChannel(address);
    const call = rejection(new TestServiceStub(channel).unary({}));
    await channel.ready({ timeout: 2000 });
    expect(channel.state).toBe("READY");
    await channel.close();
    expect(await call).toMatchObject({ status: Status.CANCELLED });
  });

  test("rejects with DEADLINE_EXCEEDED and the last error of the connection", async () => {
    const name = `127.0.0.1:${await unusedPort()}`;
    const error = (await rejection(openChannel(`http://${name}`).ready({ timeout: 100 }))) as GRPCError;
    expect(error).toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
      message: `Deadline exceeded while connecting to ${name}`,
      origin: "client",
      cause: { code: "ECONNREFUSED" },
    });
  });

  test("rejects with CANCELLED if the channel is closed", async () => {
    const { address } = await startTcpServer();
    const channel = openChannel(address);
    const ready = rejection(channel.ready());
    await channel.close();
    const closed = { status: Status.CANCELLED, message: "The channel is closed" };
    expect(await ready).toMatchObject(closed);
    expect(await rejection(channel.ready())).toMatchObject(closed);
  });

  test("refuses options that it does not have", async () => {
    const { channel } = await startPairOnNetwork(handlers);
    expect(await rejection(channel.ready(5 as never))).toBeInstanceOf(TypeError);
    expect(await rejection(channel.ready({ timeOut: 5 } as never))).toBeInstanceOf(TypeError);
    expect(await rejection(channel.ready({ timeout: "5" as never }))).toBeInstanceOf(TypeError);
  });
});

describe("options", () => {
  test("backoff: the times between attempts", async () => {
    const times: number[] = [];
    const { address } = await startTcpServer((socket) => {
      times.push(performance.now());
      socket.destroy();
    });
    const backoff = { initial: 100, multiplier: 3, jitter: 0, max: 400 };
    const stub = connect(address, { backoff });
    const call = rejection(stub.unary({}, { waitForReady: true, timeout: 1600 }));
    await call;
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
    expect(gaps.length).toBeGreaterThanOrEqual(3);
    for (const [index, least] of [100, 300, 400].entries()) {
      expect(gaps[index]).toBeGreaterThan(least - 2);
      expect(gaps[index]).toBeLessThan(least + 250);
    }
  });

  test("backoff: with Infinity, the channel does not connect again", async () => {
    const attempts = vi.fn();
    const { address } = await startTcpServer((socket) => {
      attempts();
      socket.destroy();
    });
    const never = Number.POSITIVE_INFINITY;
    const channel = openChannel(address, { backoff: { initial: never, max: never } });
    await rejection(new TestServiceStub(channel).unary({}, { waitForReady: true, timeout: 100 }));
    expect(attempts).toHaveBeenCalledOnce();
    expect(channel.state).toBe("TRANSIENT_FAILURE");
  });

  test("a further connection that cannot be made does not delay the next one when the only one has ended", async () => {
    const { promise: release, happens: letGo } = moment();
    const { port, server } = await startServer({ unary: () => release.then(() => ({})) }, { maxConcurrentStreams: 1 });
    let dials = 0;
    const failed = moment();
    const channel = openChannel("http://library", {
      maxConnections: 2,
      backoff: { initial: 60_000 },
      createConnection: () => {
        dials += 1;
        if (dials !== 2) return connectTcp(port, "127.0.0.1");
        failed.happens();
        throw new Error("no more connections now");
      },
    });
    const stub = new TestServiceStub(channel);
    const calls = [stub.unary({}), stub.unary({})];
    await failed.promise;
    await until(() => channel.snapshot().failures === 1);
    letGo();
    await Promise.all(calls);
    expect(channel.state).toBe("READY");
    await server.close();
    await until(() => channel.state !== "READY");
    expect(channel.state).toBe("IDLE");
    await startServer({ unary: () => ({ text: "again" }) }, { listen: { host: "127.0.0.1", port } });
    expect(await stub.unary({}, { timeout: 2000 })).toMatchObject({ text: "again" });
    expect(channel.snapshot().failures).toBe(0);
  });

  test("idleTimeout: a connection without calls is closed, and the next call connects again", async () => {
    const { channel, stub } = await startPairOnNetwork(handlers, { channel: { idleTimeout: 200 } });
    await stub.unary({});
    const start = performance.now();
    await until(() => channel.state === "IDLE");
    expect(performance.now() - start).toBeGreaterThan(190);
    expect(await stub.unary({})).toMatchObject({ text: "answer" });
    expect(channel.state).toBe("READY");
  });

  test("idleTimeout: a call that takes longer is not idle, nor are calls that follow each other", async () => {
    const { channel, stub } = await startPairOnNetwork(
      { ...handlers, unary: ({ text }) => sleep(Number(text)).then(() => ({ text })) },
      { channel: { idleTimeout: 100 } },
    );
    const states = follow(channel);
    await stub.unary({ text: "400" });
    for (let i = 0; i < 8; i++) await stub.unary({ text: "50" });
    expect(states).toEqual(["IDLE", "CONNECTING", "READY"]);
  });

  test.for<[maxConnections: number, expected: number]>([
    [1, 1],
    [3, 3],
    [Number.POSITIVE_INFINITY, 5],
  ])("maxConnections %d: ten calls on a server that takes two each use %d", async ([maxConnections, expected]) => {
    const { promise: release, happens: letGo } = moment();
    const running: string[] = [];
    const { stub } = await startPairOnNetwork(
      {
        unary: async (_request, { peer }) => {
          running.push(peer);
          await release;
          return {};
        },
      },
      { server: { maxConcurrentStreams: 2 }, channel: { maxConnections } },
    );
    const calls = Array.from({ length: 10 }, () => stub.unary({}));
    await until(() => running.length === 2 * expected);
    await sleep(50);
    expect(running).toHaveLength(2 * expected);
    expect(new Set(running).size).toBe(expected);
    letGo();
    await Promise.all(calls);
    expect(new Set(running).size).toBe(expected);
  });

  test("calls whose time is up while they wait for a stream are not sent", async () => {
    let calls = 0;
    const { stub } = await startPairOnNetwork(
      {
        unary: async (_request, { signal }) => {
          calls += 1;
          await sleep(1000, undefined, { signal });
          return {};
        },
      },
      { server: { maxConcurrentStreams: 10 } },
    );
    await stub.unary({}, { timeout: 5000 });
    const errors = await Promise.all(Array.from({ length: 500 }, () => rejection(stub.unary({}, { timeout: 200 }))));
    for (const error of errors) expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    const waited = errors.filter((error) => (error as GRPCError).message.includes("waiting for a free stream"));
    // While the time of all is running out, some get the streams of those before.
    expect(waited.length).toBeGreaterThan(450);
    expect(calls).toBeLessThan(1 + 50);
  });

  const mistakes: Record<string, [options: object, message: string]> = {
    "backoff that is a number": [{ backoff: 5 }, "backoff takes an object with options, got 5"],
    "a misspelt option of backoff": [{ backoff: { initail: 5 } }, 'backoff has no option "initail"'],
    "a multiplier that shrinks": [
      { backoff: { multiplier: 0.5 } },
      "backoff.multiplier takes a number, 1 or more, got 0.5",
    ],
    "too much jitter": [{ backoff: { jitter: 2 } }, "backoff.jitter takes a number from 0 to 1, got 2"],
    "a misspelt option of keepalive": [{ keepalive: { tiem: 5 } }, 'keepalive has no option "tiem"'],
    "a keepalive that is true": [{ keepalive: true }, "keepalive takes an object with options, got true"],
    "a withoutCalls that is a text": [
      { keepalive: { withoutCalls: "no" } },
      "keepalive.withoutCalls takes true or false, got no",
    ],
    "an idleTimeout of 0": [{ idleTimeout: 0 }, "idleTimeout takes a number of milliseconds greater than 0, got 0"],
    "no connections": [{ maxConnections: 0 }, "maxConnections takes a whole number, 1 or more, got 0"],
    "half a connection": [{ maxConnections: 1.5 }, "maxConnections takes a whole number, 1 or more, got 1.5"],
  };
  test.for(Object.entries(mistakes))("%s is a TypeError", ([, [options, message]]) => {
    expect(() => openChannel("http://127.0.0.1:1", options)).toThrow(TypeError);
    expect(() => openChannel("http://127.0.0.1:1", options)).toThrow(message);
  });
});
