import { constants } from "node:http2";
import { createConnection, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { GRPCError, intercept, Metadata, retry, Status } from "../../src/index.js";
import type { Channel, ChannelSnapshot } from "../../src/node.js";
import { selfSigned } from "../calls/certificate.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment, openChannel, rejection, startPairOnNetwork, startServer, unusedPort } from "../harness.js";
import { fakeName, startFakeHost } from "../peers/fake-host.js";
import { respond, responseFrame, startPeer } from "../peers/raw-server.js";

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** A snapshot, which JSON must not change. */
function snapshotOf(channel: Channel): ChannelSnapshot {
  const snapshot = channel.snapshot();
  expect(JSON.parse(JSON.stringify(snapshot))).toStrictEqual(snapshot);
  return snapshot;
}

describe("connections", () => {
  test("a new channel has none; with its first call, it knows its addresses and its connection", async () => {
    const { channel, stub, port } = await startPairOnNetwork(handleAll(() => ({})));
    const target = `127.0.0.1:${port}`;
    expect(snapshotOf(channel)).toEqual({
      time: isoTime,
      since: isoTime,
      state: "IDLE",
      target,
      addresses: [],
      connections: [],
      waiting: 0,
      failures: 0,
      calls: { started: 0, inFlight: 0, byStatus: {}, lastErrors: [] },
      retries: { attempts: 0, transparent: 0 },
    });
    await stub.unary({ text: "x".repeat(10_000) });
    expect(snapshotOf(channel)).toMatchObject({
      state: "READY",
      addresses: [{ address: target }],
      calls: { started: 1, inFlight: 0, byStatus: { OK: 1 }, lastErrors: [] },
    });
    await vi.waitFor(() =>
      expect(snapshotOf(channel).connections).toEqual([
        {
          peer: target,
          since: isoTime,
          streams: 0,
          calls: 1,
          idle: true,
          closing: false,
          bytesRead: expect.any(Number),
          bytesWritten: expect.any(Number),
        },
      ]),
    );
    expect(snapshotOf(channel).connections[0]?.bytesWritten).toBeGreaterThan(10_000);
    await channel.close();
    expect(snapshotOf(channel)).toMatchObject({ state: "SHUTDOWN", connections: [] });
  });

  test("the keepalive and TLS of a connection are there", async () => {
    const keys = selfSigned();
    const { address } = await startServer(
      handleAll(() => ({})),
      { listen: { tls: keys } },
    );
    const channel = openChannel(address, { tls: { ca: keys.cert }, keepalive: { time: 60_000, timeout: 5_000 } });
    await channel.ready();
    expect(snapshotOf(channel).connections).toMatchObject([
      { keepalive: { time: 60_000, timeout: 5_000 }, tls: { protocol: "TLSv1.3", cipher: expect.any(String) } },
    ]);
    expect(snapshotOf(channel).connections[0]?.tls).not.toHaveProperty("client");
  });

  test("after a failed attempt to connect, it says why, and when the next one may be", async () => {
    const port = await unusedPort();
    const channel = openChannel(`http://127.0.0.1:${port}`, { backoff: { initial: 30_000, jitter: 0 } });
    await rejection(new TestServiceStub(channel).unary({}));
    const { lastFailure, nextAttempt = "", ...rest } = snapshotOf(channel);
    expect(rest).toMatchObject({ state: "TRANSIENT_FAILURE", failures: 1, waiting: 0, connections: [] });
    expect(lastFailure).toEqual({ time: isoTime, message: expect.stringContaining(`127.0.0.1:${port}`) });
    expect(Date.parse(nextAttempt) - Date.parse(lastFailure?.time ?? "")).toBe(30_000);
    expect(rest.addresses).toEqual([{ address: `127.0.0.1:${port}`, failedAt: isoTime }]);
    expect(rest.calls.lastErrors).toMatchObject([{ status: "UNAVAILABLE", message: lastFailure?.message }]);
    expect(rest.calls.lastErrors[0]).not.toHaveProperty("peer");
  });

  test("failures are those in a row, so none once it is connected", async () => {
    const { port } = await startServer(handleAll(() => ({})));
    let dials = 0;
    const channel = openChannel("http://library", {
      backoff: { initial: 20, jitter: 0 },
      createConnection: () => {
        dials += 1;
        if (dials < 3) throw new Error("no route");
        return createConnection(port, "127.0.0.1");
      },
    });
    await new TestServiceStub(channel).unary({}, { waitForReady: true });
    expect(snapshotOf(channel)).toMatchObject({ state: "READY", failures: 0, lastFailure: { message: "no route" } });
  });

  test("an address that a caller has given up, or that was slower than another one, has not failed", async () => {
    const host = await startFakeHost("is silent", "answers", "is silent");
    onTestFinished(() => host.close());
    const channel = openChannel(`http://${fakeName}:${host.port}`);
    const stub = new TestServiceStub(channel);
    await rejection(stub.unary({}, { timeout: 50 }));
    await sleep(20);
    const addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4"].map((each) => ({ address: `${each}:${host.port}` }));
    expect(snapshotOf(channel).addresses).toEqual(addresses);
    await stub.unary({});
    await sleep(20);
    expect(snapshotOf(channel).addresses).toEqual(addresses);
  });

  test("those that were silent until the end of connectTimeout have failed", async () => {
    const host = await startFakeHost("is silent", "is silent");
    onTestFinished(() => host.close());
    const channel = openChannel(`http://${fakeName}:${host.port}`, { connectTimeout: 400 });
    await rejection(new TestServiceStub(channel).unary({}));
    expect(snapshotOf(channel).addresses).toMatchObject([{ failedAt: isoTime }, { failedAt: isoTime }]);
  });

  test("calls that wait for a connection are counted", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    await new Promise((resolve) => silent.once("listening", resolve));
    const channel = openChannel(`http://127.0.0.1:${(silent.address() as { port: number }).port}`);
    const results = kinds.map((kind) => rejection(call(new TestServiceStub(channel), kind)));
    expect(snapshotOf(channel)).toMatchObject({ state: "CONNECTING", waiting: 4, calls: { started: 4, inFlight: 4 } });
    await channel.close();
    await Promise.all(results);
    expect(snapshotOf(channel)).toMatchObject({ waiting: 0, calls: { inFlight: 0, byStatus: { CANCELLED: 4 } } });
  });

  test("all addresses of a name are listed, with a proxy the name of the server", async () => {
    const { port } = await startServer(handleAll(() => ({})));
    const lookup = (_host: string, _options: object, callback: (...found: unknown[]) => void) =>
      callback(null, [
        { address: "127.0.0.1", family: 4 },
        { address: "::1", family: 6 },
      ]);
    const channel = openChannel(`http://books.example:${port}`, { tls: undefined });
    const named = openChannel(`https://books.example:${port}`, { tls: { lookup } as object, connectTimeout: 1_000 });
    await rejection(named.ready({ timeout: 500 }));
    expect(snapshotOf(named).addresses.map(({ address }) => address)).toEqual([`127.0.0.1:${port}`, `[::1]:${port}`]);
    await channel.close();
    const proxied = openChannel(`http://books.example:${port}`, { proxy: "http://user:secret@127.0.0.1:1" });
    expect(snapshotOf(proxied).addresses).toEqual([{ address: `books.example:${port}`, proxy: "127.0.0.1:1" }]);
  });
});

describe("calls", () => {
  test.for(kinds)("%s: those in flight are counted", async (kind) => {
    const [running, finish] = [moment(), moment()];
    const { channel, stub, port } = await startPairOnNetwork(
      handleAll(async () => {
        running.happens();
        await finish.promise;
        throw new GRPCError(Status.ABORTED, "no", [], { metadata: new Metadata({ "x-api-key": "secret" }) });
      }),
    );
    const result = rejection(call(stub, kind));
    await running.promise;
    expect(snapshotOf(channel)).toMatchObject({
      connections: [{ streams: 1, idle: false }],
      calls: { started: 1, inFlight: 1 },
    });
    finish.happens();
    await result;
    const { calls } = snapshotOf(channel);
    expect(calls).toMatchObject({ started: 1, inFlight: 0, byStatus: { ABORTED: 1 } });
    const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
    expect(calls.lastErrors).toEqual([
      {
        time: isoTime,
        status: "ABORTED",
        message: "no",
        method: `/test.v1.TestService/${name}`,
        peer: `127.0.0.1:${port}`,
      },
    ]);
  });

  test("what the client ends has the status that the caller sees", async () => {
    const forever = handleAll(async ({ signal }) => {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      return {};
    });
    const { channel, stub } = await startPairOnNetwork(forever);
    await rejection(stub.unary({}, { timeout: 20 }));
    const late = AbortSignal.timeout(20);
    await rejection(stub.unary({}, { signal: late }));
    expect(snapshotOf(channel).calls).toMatchObject({
      inFlight: 0,
      byStatus: { DEADLINE_EXCEEDED: 1, CANCELLED: 1 },
      lastErrors: expect.arrayContaining([
        expect.objectContaining({ status: "DEADLINE_EXCEEDED", message: expect.stringContaining("Deadline exceeded") }),
      ]),
    });
  });

  test("a stream that the caller leaves, and one that is read to its end, count once each", async () => {
    const { channel, stub } = await startPairOnNetwork({
      async *serverStream() {
        yield { text: "1" };
        yield { text: "2" };
      },
    });
    for await (const _ of stub.serverStream({})) break;
    for await (const _ of stub.serverStream({}));
    const { calls } = snapshotOf(channel);
    expect(calls).toMatchObject({ started: 2, inFlight: 0 });
    expect(calls.byStatus.OK).toBeGreaterThanOrEqual(1);
  });

  test("attempts after the first one of a call are retries", async () => {
    let number = 0;
    const policy = { maxAttempts: 3, initialBackoff: 1, methods: () => true };
    const { channel, stub } = await startPairOnNetwork(
      handleAll(() => {
        number += 1;
        if (number % 3 !== 0) throw new GRPCError(Status.UNAVAILABLE);
        return {};
      }),
      { channel: { retry: policy } },
    );
    await stub.unary({});
    const outside = intercept(channel, [retry(policy)]);
    await new TestServiceStub(outside).unary({});
    expect(snapshotOf(channel)).toMatchObject({
      calls: { started: 6, byStatus: { OK: 2, UNAVAILABLE: 4 } },
      retries: { attempts: 4, transparent: 0 },
    });
  });

  test("an attempt that the server has refused and that is sent again counts once, as a transparent retry", async () => {
    let number = 0;
    const { address } = await startPeer((stream) => {
      number += 1;
      if (number === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else respond(stream, { body: responseFrame({}), trailers: { "grpc-status": "0" } });
    });
    const channel = openChannel(address);
    await new TestServiceStub(channel).unary({});
    expect(snapshotOf(channel)).toMatchObject({
      calls: { started: 1, inFlight: 0, byStatus: { OK: 1 } },
      retries: { attempts: 0, transparent: 1 },
    });
  });
});
