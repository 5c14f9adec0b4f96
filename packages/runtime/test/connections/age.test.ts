import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type AgingConnection, closeWhenIdle, closeWhenOld } from "../../src/http2/connection-age.js";
import { encodeFrames, preface } from "../frames/frame.js";
import { data, headers, settings } from "../frames/frames.js";
import { requestFields, requestMessage } from "../frames/grpc.js";
import { connect, moment, startPair, startPairOnNetwork, startServer } from "../harness.js";
import { connectClient, firstGoodbye } from "./goodbyes.js";

const unary = (stream: number) => [
  headers(stream, requestFields("Unary")),
  data(stream, requestMessage(), { endStream: true }),
];

test("a connection whose client does not close its half is cut after maxConnectionAgeGrace", async () => {
  const { port, server } = await startServer(
    { unary: () => ({}) },
    { maxConnectionAge: 100, maxConnectionAgeGrace: 1500 },
  );
  const socket = connectTcp({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
  onTestFinished(() => void socket.destroy());
  socket.resume();
  socket.write(Buffer.concat([preface, encodeFrames([settings(), ...unary(1)])]));
  await once(socket, "end");
  await vi.waitFor(() => expect(server.connections.open).toBe(0), 4000);
});

describe("a server with maxConnectionIdle", () => {
  test("closes a connection without calls, and says why", async () => {
    const { port, server } = await startServer({ unary: () => ({}) }, { maxConnectionIdle: 100 });
    const { connection, goodbyes } = await connectClient(port);
    connection.send(...unary(1));
    await connection.closed;
    expect(goodbyes.slice(0, 2)).toEqual([firstGoodbye("max_idle"), { lastStream: 1, code: 0, reason: "" }]);
    await vi.waitFor(() => expect(server.connections.open).toBe(0));
  });

  test("keeps a connection with a call in flight, and one with frequent calls", async () => {
    const finish = moment();
    const { server, stub } = await startPair(
      {
        async unary({ text }) {
          if (text === "long") await finish.promise;
          return {};
        },
      },
      { server: { maxConnectionIdle: 200 } },
    );
    const call = stub.unary({ text: "long" });
    await sleep(500);
    finish.happens();
    await call;
    for (let calls = 0; calls < 10; calls++) {
      await stub.unary({});
      await sleep(50);
    }
    expect(server.connections).toMatchObject({ open: 1, accepted: 1 });
  });
});

describe("a server with maxConnectionAge", () => {
  test("closes the connection at that age, and lets its call finish", async () => {
    const [running, finish] = [moment(), moment()];
    const { port } = await startServer(
      {
        async unary() {
          running.happens();
          await finish.promise;
          return {};
        },
      },
      { maxConnectionAge: 200 },
    );
    const { connection, goodbyes } = await connectClient(port);
    connection.send(...unary(1));
    await running.promise;
    await vi.waitFor(() => expect(goodbyes).toEqual([firstGoodbye("max_age"), { lastStream: 1, code: 0, reason: "" }]));
    expect(connection.socket.destroyed).toBe(false);
    finish.happens();
    await connection.closed;
  });

  test("waits for a slow client to acknowledge the first GOAWAY", async () => {
    const { port } = await startServer({ unary: () => ({}) }, { maxConnectionAge: 100 });
    const { connection, goodbyes } = await connectClient(port, () => connection.ignorePings());
    connection.send(...unary(1));
    await vi.waitFor(() => expect(goodbyes).toHaveLength(1), 5000);
    await sleep(1500);
    expect(goodbyes).toEqual([firstGoodbye("max_age")]);
    expect(connection.socket.readableEnded).toBe(false);
    await connection.closed;
  });

  test("ends its calls after maxConnectionAgeGrace", async () => {
    const cancelled = moment<unknown>();
    const { server, stub } = await startPair(
      {
        async unary(_request, { signal }) {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          cancelled.happens(signal.reason);
          return {};
        },
      },
      { server: { maxConnectionAge: 100, maxConnectionAgeGrace: 100 } },
    );
    const unavailable = { status: 14, message: "The connection has reached its maximum age" };
    await expect(stub.unary({})).rejects.toMatchObject({ ...unavailable, origin: "peer" });
    expect(await cancelled.promise).toMatchObject(unavailable);
    expect(server.snapshot().calls.byStatus).toEqual({ UNAVAILABLE: 1 });
    await vi.waitFor(() => expect(server.connections.open).toBe(0));
  });

  test("does not end the calls of other connections", async () => {
    const [running, finish] = [moment(), moment()];
    const { address, server, stub } = await startPairOnNetwork(
      {
        async unary({ text }, { signal }) {
          const left = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
          if (text === "young") running.happens();
          await (text === "young" ? finish.promise : left);
          return {};
        },
      },
      { server: { maxConnectionAge: 400, maxConnectionAgeGrace: 100 } },
    );
    const old = stub.unary({ text: "old" }).catch((error: unknown) => error);
    await sleep(250);
    const young = connect(address).unary({ text: "young" });
    await running.promise;
    expect(await old).toMatchObject({ status: 14 });
    await sleep(10);
    expect(server.connections.open).toBe(1);
    finish.happens();
    expect(await young).toMatchObject({ text: "" });
  });
});

class FakeConnection implements AgingConnection {
  openCalls = 0;
  calls = 0;
  readonly log: string[] = [];
  readonly #onClosed: (() => void)[] = [];

  retire(reason: string): void {
    this.log.push(`${reason} at ${Date.now()}`);
  }

  expire(): void {
    this.log.push(`expired at ${Date.now()}`);
  }

  onceClosed(callback: () => void): void {
    this.#onClosed.push(callback);
  }

  close(): void {
    for (const callback of this.#onClosed) callback();
  }
}

describe("the timers of a connection", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test.for([
    { random: 0, age: 900 },
    { random: 0.5, age: 1000 },
    { random: 1, age: 1100 },
  ])("close it 10 % earlier or later: with $random at $age", ({ random, age }) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    const connection = new FakeConnection();
    closeWhenOld(connection, 1000, 500);
    vi.advanceTimersByTime(10_000);
    expect(connection.log).toEqual([`max_age at ${age}`, `expired at ${age + 500}`]);
  });

  test.for([
    { what: "without limits", start: (connection: FakeConnection) => closeAfter(connection, Number.POSITIVE_INFINITY) },
    {
      what: "once it has closed",
      start: (connection: FakeConnection) => {
        closeAfter(connection, 1000);
        connection.close();
      },
    },
  ])("are gone $what", ({ start }) => {
    start(new FakeConnection());
    expect(vi.getTimerCount()).toBe(0);
  });

  test("never cut its calls without a grace period", () => {
    const connection = new FakeConnection();
    closeWhenOld(connection, 1000, Number.POSITIVE_INFINITY);
    vi.advanceTimersByTime(1_000_000);
    expect(connection.log).toHaveLength(1);
  });

  test("count as idle only the time since its last call has ended", () => {
    const connection = new FakeConnection();
    closeWhenIdle(connection, 1000);
    vi.advanceTimersByTime(900);
    connection.calls = 1;
    connection.openCalls = 1;
    vi.advanceTimersByTime(5000);
    connection.openCalls = 0;
    vi.advanceTimersByTime(999);
    expect(connection.log).toEqual([]);
    vi.advanceTimersByTime(251);
    expect(connection.log).toHaveLength(1);
  });

  function closeAfter(connection: FakeConnection, milliseconds: number): void {
    closeWhenIdle(connection, milliseconds);
    closeWhenOld(connection, milliseconds, milliseconds);
  }
});
