import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Keepalive, type KeepaliveTimes, type PingableConnection } from "../../src/http2/keepalive.js";

const times: KeepaliveTimes = { time: 1000, timeout: 200 };

class FakeConnection implements PingableConnection {
  received = 0;
  readonly pings: { readonly at: number; readonly ack: () => void }[] = [];
  readonly errors: Error[] = [];

  ping(onAck: () => void): void {
    this.pings.push({ at: Date.now(), ack: onAck });
  }

  destroy(error: Error): void {
    this.errors.push(error);
  }

  get pingTimes(): number[] {
    return this.pings.map(({ at }) => at);
  }
}

let connection: FakeConnection;
let keepalive: Keepalive;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "Date"], now: 0 });
  connection = new FakeConnection();
  keepalive = new Keepalive(connection);
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.advanceTimersByTime(milliseconds);
const dead = [expect.objectContaining({ message: "The peer has not answered a ping within 200 ms" })];

describe("an open connection", () => {
  test("is pinged after a silence, and ended if nothing arrives", () => {
    keepalive.start(times);
    pass(1000);
    expect(connection.pingTimes).toEqual([1000]);
    pass(199);
    expect(connection.errors).toEqual([]);
    pass(2);
    expect(connection.errors).toEqual(dead);
    pass(100_000);
    expect(connection.errors).toHaveLength(1);
  });

  test("is not pinged while bytes arrive, and at most a twentieth late after the last one", () => {
    keepalive.start(times);
    for (let n = 0; n < 20; n++) {
      pass(300);
      connection.received += 1;
    }
    expect(connection.pings).toEqual([]);
    pass(1250);
    expect(connection.pings).toHaveLength(1);
  });

  test("lives on when the ping is acknowledged, and is pinged again after the next silence", () => {
    keepalive.start(times);
    pass(1010);
    connection.received += 17;
    connection.pings[0]?.ack();
    pass(1000);
    expect(connection.pingTimes).toEqual([1000, 2010]);
    expect(connection.errors).toEqual([]);
  });

  test("lives on when other bytes arrive instead of the acknowledgement", () => {
    keepalive.start(times);
    pass(1010);
    connection.received += 9;
    pass(1000);
    expect(connection.errors).toEqual([]);
    expect(connection.pings).toHaveLength(1);
  });

  test("lives on when the answer was read late, because the event loop was blocked", () => {
    // The timers of a blocked event loop fire before it reads.
    setTimeout(() => setImmediate(() => (connection.received += 17)), 1200);
    keepalive.start(times);
    pass(1300);
    expect(connection.errors).toEqual([]);
  });

  test("ignores the acknowledgement of an earlier ping", () => {
    keepalive.start(times);
    pass(1000);
    connection.received += 1;
    pass(201);
    pass(1000);
    expect(connection.pings).toHaveLength(2);
    connection.pings[0]?.ack();
    pass(201);
    expect(connection.errors).toEqual(dead);
  });

  test("is not pinged while no ping is needed, but soon after one is, if it has been silent for long", () => {
    let isNeeded = false;
    keepalive.start(times, () => isNeeded);
    pass(10_000);
    isNeeded = true;
    expect(connection.pings).toEqual([]);
    pass(50);
    expect(connection.pingTimes).toEqual([10_050]);
  });

  test("is not pinged soon after one is needed, if bytes arrive", () => {
    let isNeeded = false;
    keepalive.start(times, () => isNeeded);
    pass(10_000);
    isNeeded = true;
    connection.received += 1;
    pass(1000);
    expect(connection.pings).toEqual([]);
    pass(50);
    expect(connection.pings).toHaveLength(1);
  });

  // All calls may fail at the same time, when their deadline passes, and then be made again.
  test("is pinged in time although calls come and go", () => {
    let isNeeded = true;
    keepalive.start(times, () => isNeeded);
    for (let n = 0; n < 9; n++) {
      pass(90);
      isNeeded = false;
      pass(20);
      isNeeded = true;
    }
    pass(60);
    expect(connection.pingTimes).toEqual([1000]);
  });

  test.for([
    { name: "not started", start: () => {} },
    { name: "infinite", start: () => keepalive.start({ time: Number.POSITIVE_INFINITY, timeout: 200 }) },
    {
      name: "stopped",
      start: () => {
        keepalive.start(times);
        keepalive.stop();
      },
    },
  ])("has no timer when the keepalive is $name", ({ start }) => {
    start();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is not ended after stop(), nor by an acknowledgement after it", () => {
    keepalive.start(times);
    pass(1000);
    pass(200);
    keepalive.stop();
    connection.pings[0]?.ack();
    pass(100_000);
    expect(connection.errors).toEqual([]);
    expect(connection.pings).toHaveLength(1);
  });

  test("is not pinged at once when the time is longer than a timer can be", () => {
    keepalive.start({ time: 2 ** 40, timeout: 200 });
    pass(100_000);
    expect(connection.pings).toEqual([]);
  });
});

describe("a closing connection", () => {
  test.for([
    { keepaliveTime: Number.POSITIVE_INFINITY, interval: 20_000 },
    { keepaliveTime: 7_200_000, interval: 20_000 },
    { keepaliveTime: 1000, interval: 1000 },
  ])("is pinged every $interval ms with a time of $keepaliveTime ms, whether that is needed or not", (given) => {
    keepalive.start({ time: given.keepaliveTime, timeout: 200 }, () => false);
    keepalive.onClosing();
    for (let n = 1; n <= 3; n++) {
      pass(given.interval);
      expect(connection.pings).toHaveLength(n);
      connection.pings.at(-1)?.ack();
    }
    expect(connection.errors).toEqual([]);
  });

  test("is ended if the ping is not acknowledged", () => {
    keepalive.start(times);
    keepalive.onClosing();
    pass(1201);
    expect(connection.errors).toEqual(dead);
  });
});
