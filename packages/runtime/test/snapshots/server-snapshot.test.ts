import { connect as connectHttp2 } from "node:http2";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { Duplex } from "node:stream";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { GRPCError, Metadata, Status } from "../../src/index.js";
import type { Server, ServerSnapshot } from "../../src/node.js";
import { selfSigned } from "../calls/certificate.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, moment, openChannel, rejection, startPairOnNetwork, startServer } from "../harness.js";

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** A snapshot, which JSON must not change. */
function snapshotOf(server: Server): ServerSnapshot {
  const snapshot = server.snapshot();
  expect(JSON.parse(JSON.stringify(snapshot))).toStrictEqual(snapshot);
  return snapshot;
}

/** The server may learn of the end of a call after the client. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 4_000 });

describe("connections", () => {
  test("each has its peer, its calls, its traffic and its settings", async () => {
    let client = "";
    const { server, port, stub } = await startPairOnNetwork(
      handleAll(({ peer }) => {
        client = peer;
        return {};
      }),
    );
    const { time, since, ...empty } = snapshotOf(server);
    expect([time, since]).toEqual([isoTime, isoTime]);
    expect(empty).toEqual({
      stage: "open",
      addresses: [`127.0.0.1:${port}`],
      connections: { open: 0, idle: 0, connecting: 0, accepted: 0, abandoned: 0, refused: 0, list: [] },
      calls: { started: 0, inFlight: 0, byStatus: {}, lastErrors: [] },
    });
    const before = Date.now();
    await stub.unary({ text: "x".repeat(10_000) });
    await stub.unary({});
    await eventually(() => {
      const { connections } = snapshotOf(server);
      expect(connections).toMatchObject({ open: 1, idle: 1, accepted: 1 });
      expect(connections.list).toEqual([
        {
          peer: client,
          since: isoTime,
          streams: 0,
          calls: 2,
          idle: true,
          closing: false,
          bytesRead: expect.any(Number),
          bytesWritten: expect.any(Number),
          keepalive: { time: 7_200_000, timeout: 20_000 },
        },
      ]);
    });
    const [connection] = snapshotOf(server).connections.list;
    expect(connection?.bytesRead).toBeGreaterThan(10_000);
    expect(connection?.bytesWritten).toBeGreaterThan(50);
    expect(Date.parse(connection?.since ?? "")).toBeGreaterThanOrEqual(before);
    expect(Date.parse(connection?.since ?? "")).toBeLessThanOrEqual(Date.now());
  });

  test("with TLS, each has the protocol, the cipher and the subject of the client's certificate", async () => {
    const [keys, clientKeys] = [selfSigned(), selfSigned()];
    const tls = { ...keys, requestCert: true, ca: clientKeys.cert, rejectUnauthorized: false };
    const { server, address } = await startServer(
      handleAll(() => ({})),
      { listen: { tls } },
    );
    const url = address.replace("127.0.0.1", "localhost");
    await connect(url, { tls: { ca: keys.cert, ...clientKeys } }).unary({});
    await connect(url, { tls: { ca: keys.cert } }).unary({});
    const { list } = snapshotOf(server).connections;
    const secure = { protocol: "TLSv1.3", cipher: expect.stringMatching(/^TLS_/) };
    expect(list.map(({ tls }) => tls)).toEqual([{ ...secure, client: { CN: "localhost" } }, secure]);
  });

  test("those of accept() are listed, and need not be sockets", async () => {
    const { server } = await startServer(handleAll(() => ({})));
    const tcp = createServer((socket) => server.accept(Duplex.from({ readable: socket, writable: socket })));
    onTestFinished(() => void tcp.close());
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    const { port } = tcp.address() as { port: number };
    await connect(`http://127.0.0.1:${port}`).unary({});
    expect(snapshotOf(server).connections.list).toMatchObject([
      { calls: 1, bytesRead: expect.any(Number), bytesWritten: expect.any(Number) },
    ]);
  });

  test("keepalive is left out if it is off, and its timeout if there is none", async () => {
    for (const [keepalive, shown] of [
      [{ time: Number.POSITIVE_INFINITY }, undefined],
      [{ time: 60_000, timeout: Number.POSITIVE_INFINITY }, { time: 60_000 }],
    ] as const) {
      const { server, stub } = await startPairOnNetwork(
        handleAll(() => ({})),
        { server: { keepalive } },
      );
      await stub.unary({});
      expect(snapshotOf(server).connections.list[0]?.keepalive).toEqual(shown);
    }
  });

  test("the last connection that was refused is there, as in server.connections", async () => {
    const { server, port } = await startServer({});
    const socket = createConnection(port, "127.0.0.1").on("error", () => {});
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await eventually(() => expect(snapshotOf(server).connections.lastRefusal?.reason).toContain("HTTP/2"));
    const { list: _, ...counts } = snapshotOf(server).connections;
    expect(counts).toEqual(server.connections);
    socket.destroy();
  });
});

test("of several addresses, the latest refusal is there", async () => {
  const { server, port } = await startServer({});
  const second = await server.listen({ host: "127.0.0.1", port: 0 });
  for (const each of [second.port, port, second.port]) {
    const socket = createConnection(each, "127.0.0.1").on("error", () => {});
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    const peer = `127.0.0.1:${socket.localPort}`;
    socket.end("GET / HTTP/1.1\r\n\r\n").resume();
    await eventually(() => expect(server.connections.lastRefusal?.peer).toBe(peer));
  }
  expect(server.connections).toMatchObject({ accepted: 3, refused: 3 });
});

describe("calls", () => {
  test.for(kinds)("%s: those in flight are counted", async (kind) => {
    const [running, finish] = [moment(), moment()];
    const { server, stub } = await startPairOnNetwork(
      handleAll(async () => {
        running.happens();
        await finish.promise;
        return {};
      }),
    );
    const result = call(stub, kind);
    await running.promise;
    expect(snapshotOf(server)).toMatchObject({
      connections: { idle: 0, list: [{ streams: 1, calls: 1, idle: false }] },
      calls: { started: 1, inFlight: 1, byStatus: {} },
    });
    finish.happens();
    await result;
    await eventually(() =>
      expect(snapshotOf(server)).toMatchObject({
        connections: { idle: 1, list: [{ streams: 0, calls: 1, idle: true }] },
        calls: { started: 1, inFlight: 0, byStatus: { OK: 1 }, lastErrors: [] },
      }),
    );
  });

  test("errors are kept without metadata, the latest first", async () => {
    let client = "";
    const metadata = new Metadata({ authorization: "Bearer secret" });
    const { server, stub } = await startPairOnNetwork({
      unary({ text }, { peer }) {
        client = peer;
        if (text === "gone") throw new GRPCError(Status.NOT_FOUND, "It is gone", [], { metadata });
        throw new GRPCError(Status.ABORTED);
      },
    });
    await rejection(stub.unary({ text: "gone" }, { metadata }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await rejection(stub.unary({}));
    const { calls } = snapshotOf(server);
    const info = { time: isoTime, method: "/test.v1.TestService/Unary", peer: client };
    expect(calls).toEqual({
      started: 2,
      inFlight: 0,
      byStatus: { NOT_FOUND: 1, ABORTED: 1 },
      lastErrors: [
        { ...info, status: "ABORTED" },
        { ...info, status: "NOT_FOUND", message: "It is gone" },
      ],
    });
    expect(JSON.stringify(server.snapshot())).not.toContain("secret");
  });

  test("the last four errors of each status are kept, so that frequent ones do not displace others", async () => {
    const { server, stub } = await startPairOnNetwork({
      unary({ text, number }) {
        throw new GRPCError(number, text);
      },
    });
    await rejection(stub.unary({ text: "rare", number: Status.DATA_LOSS }));
    for (const text of ["1", "2", "3", "4", "5", "6"]) {
      await rejection(stub.unary({ text, number: Status.NOT_FOUND }));
    }
    const { byStatus, lastErrors } = snapshotOf(server).calls;
    expect(byStatus).toEqual({ DATA_LOSS: 1, NOT_FOUND: 6 });
    const messages = (status: string) =>
      lastErrors.filter((each) => each.status === status).map(({ message }) => message);
    expect(messages("DATA_LOSS")).toEqual(["rare"]);
    expect(messages("NOT_FOUND")).toEqual(["6", "5", "4", "3"]);
  });

  test("a message is cut after 500 characters", async () => {
    const { server, stub } = await startPairOnNetwork(
      handleAll(() => {
        throw new GRPCError(Status.ABORTED, "x".repeat(1_000));
      }),
    );
    await rejection(stub.unary({}));
    expect(snapshotOf(server).calls.lastErrors[0]?.message).toBe("x".repeat(500));
  });

  test("calls to unknown methods count, and HTTP requests that are not gRPC do not", async () => {
    const { server, address, stub, channel } = await startPairOnNetwork(
      {},
      { server: { services: [], interceptors: [] } },
    );
    await rejection(stub.unary({}));
    expect(snapshotOf(server).calls).toMatchObject({
      started: 1,
      inFlight: 0,
      byStatus: { UNIMPLEMENTED: 1 },
      lastErrors: [{ method: "/test.v1.TestService/Unary" }],
    });
    await channel.close();
    const session = connectHttp2(address);
    const stream = session.request({ ":path": "/test.v1.TestService/Unary" });
    await new Promise((resolve) => stream.once("response", resolve));
    session.destroy();
    expect(snapshotOf(server).calls.started).toBe(1);
  });

  test("a call that the client cancels, or whose connection is lost, counts as CANCELLED", async () => {
    const running = [moment(), moment()] as const;
    let number = 0;
    const { server, address } = await startServer(
      handleAll(async ({ signal }) => {
        running[number++]?.happens();
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        return {};
      }),
    );
    const channel = openChannel(address);
    const stub = connect(address);
    const controller = new AbortController();
    const first = rejection(stub.unary({}, { signal: controller.signal }));
    await running[0].promise;
    controller.abort();
    await first;
    const second = rejection(new TestServiceStub(channel).unary({}));
    await running[1].promise;
    await channel.close();
    await second;
    await eventually(() =>
      expect(snapshotOf(server).calls).toMatchObject({ started: 2, inFlight: 0, byStatus: { CANCELLED: 2 } }),
    );
    expect(snapshotOf(server).calls.lastErrors[0]?.message).toMatch(/lost|reset/);
  });

  test("the calls of all addresses count together", async () => {
    const { server, port, stub } = await startPairOnNetwork(handleAll(() => ({})));
    const path = `${tmpdir()}/snapshot-${process.pid}.sock`;
    await server.listen({ path });
    await stub.unary({});
    await connect(`unix:${path}`).unary({});
    const { addresses, calls, connections } = snapshotOf(server);
    expect(addresses).toEqual([`127.0.0.1:${port}`, `unix:${path}`]);
    expect(calls.byStatus).toEqual({ OK: 2 });
    expect(connections.list.map(({ peer }) => peer)).toEqual([expect.stringMatching(/^127/), "unix socket"]);
  });
});

test("the stage follows close(), and connections say that they are closing", async () => {
  const [running, finish] = [moment(), moment()];
  const { server, stub } = await startPairOnNetwork(
    handleAll(async () => {
      running.happens();
      await finish.promise;
      return {};
    }),
  );
  const result = stub.unary({});
  await running.promise;
  const first = server.close({ lameDuck: 60_000 });
  expect(snapshotOf(server)).toMatchObject({ stage: "lame duck", connections: { list: [{ closing: false }] } });
  const second = server.close();
  await eventually(() =>
    expect(snapshotOf(server)).toMatchObject({ stage: "closing", connections: { list: [{ closing: true }] } }),
  );
  finish.happens();
  await Promise.all([result, first, second]);
  expect(snapshotOf(server)).toMatchObject({ stage: "closing", addresses: [], connections: { open: 0, list: [] } });
});

test("a connection that has not spoken HTTP/2 is counted, but not listed", async () => {
  const { server, port } = await startServer({});
  const socket = createConnection(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await eventually(() => expect(snapshotOf(server).connections).toMatchObject({ connecting: 1, open: 0, list: [] }));
});
