import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { selfSigned } from "../calls/certificate.js";
import { handleAll, testService } from "../calls/kinds.js";
import { FrameType, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, settings } from "../frames/frames.js";
import { requestFields, requestMessage } from "../frames/grpc.js";
import { moment, startServer } from "../harness.js";
import { connectClient, firstGoodbye } from "./goodbyes.js";

const echo = handleAll(() => ({}));
const tls = selfSigned();
const LONG_GRACE_MS = 60_000;

/** A complete call. */
const call = (stream: number) => [
  headers(stream, requestFields("Unary")),
  data(stream, requestMessage(), { endStream: true }),
];

function tcp(port: number, ...chunks: readonly (string | Buffer)[]): Socket {
  const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void socket.destroy());
  for (const chunk of chunks) socket.write(chunk);
  return socket;
}

describe("a server that closes", () => {
  const silent: Record<string, { readonly secure?: boolean; readonly connect: (port: number) => void }> = {
    "a silent TCP connection": { connect: tcp },
    "half a preface": { connect: (port) => tcp(port, preface.subarray(0, 12)) },
    "a preface without settings": { connect: (port) => tcp(port, preface) },
    "a silent TCP connection to a port with TLS": { secure: true, connect: tcp },
    "half a TLS handshake": { secure: true, connect: (port) => tcp(port, Buffer.of(0x16, 0x03, 0x01, 0x02)) },
    "TLS without a preface": {
      secure: true,
      connect: (port) => connectTls({ socket: tcp(port), rejectUnauthorized: false, ALPNProtocols: ["h2"] }),
    },
    "TLS with half a preface": {
      secure: true,
      connect: (port) =>
        connectTls({ socket: tcp(port), rejectUnauthorized: false, ALPNProtocols: ["h2"] }).write(
          preface.subarray(0, 12),
        ),
    },
  };

  test.for(Object.entries(silent))("does not wait for %s", async ([, { secure, connect }]) => {
    const { port, server } = await startServer(echo, secure ? { listen: { tls } } : {});
    connect(port);
    await vi.waitFor(() => expect(server.connections.connecting).toBe(1));
    await sleep(50);
    const start = performance.now();
    await server.close({ grace: LONG_GRACE_MS });
    expect(performance.now() - start).toBeLessThan(1000);
    expect(server.connections).toMatchObject({ connecting: 0, abandoned: 0, refused: 0 });
  });

  test("serves what has arrived in one packet with the last call it knows of, and names the last stream", async () => {
    let calls = 0;
    const { port, server } = await startServer({
      unary() {
        calls += 1;
        if (calls === 1) void server.close({ grace: LONG_GRACE_MS });
        return {};
      },
    });
    const { connection, goodbyes } = await connectClient(port);
    connection.send(...call(1), ...call(3), ...call(5));
    await connection.closed;
    expect(calls).toBe(3);
    expect(goodbyes.slice(0, 2)).toEqual([firstGoodbye("shutdown"), { lastStream: 5, code: 0, reason: "" }]);
  });

  test("serves a call that is on its way when it closes, so that proxies lose none", async () => {
    const answered = vi.fn(() => ({}));
    const { port, server } = await startServer(handleAll(answered));
    const { connection, goodbyes } = await connectClient(port, (client) => client.send(...call(1)));
    await server.close({ grace: LONG_GRACE_MS });
    await connection.closed;
    expect(answered).toHaveBeenCalledOnce();
    expect(goodbyes.slice(0, 2)).toEqual([firstGoodbye("shutdown"), { lastStream: 1, code: 0, reason: "" }]);
  });

  test.for([
    { kind: "a connection with TLS", cert: tls.cert },
    { kind: "a client that does not answer pings", cert: undefined },
  ])("names the last stream to $kind", async ({ cert }) => {
    const { port, server } = await startServer(echo, cert === undefined ? {} : { listen: { tls } });
    const goodbyes: number[] = [];
    const connection = await FrameConnection.connect(port, cert, ({ type, payload }) => {
      if (type === FrameType.GOAWAY) goodbyes.push(Buffer.from(payload).readUInt32BE(0));
    });
    connection.send(settings(), ...call(1));
    await connection.roundTrip();
    connection.ignorePings();
    await server.close({ grace: LONG_GRACE_MS });
    await connection.closed;
    expect(goodbyes.slice(0, 2)).toEqual([2 ** 31 - 1, 1]);
  });

  test("waits longer for a slow client that has made calls than for a silent one", async () => {
    const { port, server } = await startServer(echo);
    const [silentOne, slowOne] = [await connectClient(port), await connectClient(port)];
    slowOne.connection.send(...call(1));
    await slowOne.connection.roundTrip();
    for (const { connection } of [silentOne, slowOne]) connection.ignorePings();
    const closed = server.close({ grace: LONG_GRACE_MS });
    await silentOne.connection.closed;
    expect(slowOne.goodbyes).toEqual([firstGoodbye("shutdown")]);
    slowOne.connection.socket.destroy();
    await closed;
  });

  test("does not wait long for a client that is gone and has made no call", async () => {
    const { port, server } = await startServer(echo);
    const { connection } = await connectClient(port);
    await connection.roundTrip();
    // It reads nothing any more, and does not close its side.
    connection.socket.pause();
    const start = performance.now();
    await server.close({ grace: LONG_GRACE_MS });
    expect(performance.now() - start).toBeLessThan(6000);
    connection.socket.destroy();
  });

  test.for(["throws", "rejects"])("passes to onError what a hook of a service %s with, and closes", async (how) => {
    const fault = new Error("a fault");
    const hook = () => {
      if (how === "rejects") return Promise.reject(fault);
      throw fault;
    };
    const created = how === "rejects" ? hook : () => {};
    const hooks = { $onServerCreated: created, $onLameDuck: hook, $onServerClosing: hook };
    const { server, reports } = await startServer({}, { services: [Object.assign(testService({}), hooks)] });
    await server.close();
    expect(reports.take()).toEqual(Array(how === "rejects" ? 3 : 2).fill({ error: fault, info: {} }));
  });

  test("lets calls in flight finish, and refuses later ones", async () => {
    const [running, finish] = [moment(), moment()];
    let calls = 0;
    const { port, server } = await startServer({
      async unary() {
        calls += 1;
        running.happens();
        await finish.promise;
        return {};
      },
    });
    const { connection, goodbyes } = await connectClient(port);
    connection.send(...call(1));
    await running.promise;
    const closed = server.close({ grace: LONG_GRACE_MS });
    await vi.waitFor(() =>
      expect(goodbyes).toEqual([firstGoodbye("shutdown"), expect.objectContaining({ lastStream: 1 })]),
    );
    connection.send(...call(3));
    await connection.roundTrip();
    finish.happens();
    await closed;
    expect(calls).toBe(1);
  });

  test("tells a client that is just connecting which calls it can repeat", async () => {
    const answered = vi.fn(() => ({}));
    const { port, server } = await startServer(handleAll(answered));
    const connection = await FrameConnection.connect(port, undefined, ({ type, payload }) => {
      if (type === FrameType.GOAWAY) goodbyes.push(Buffer.from(payload).readUInt32BE(0));
    });
    const goodbyes: number[] = [];
    await vi.waitFor(() => expect(server.connections.connecting).toBe(1));
    const closed = server.close({ grace: LONG_GRACE_MS });
    connection.send(settings(), ...call(1));
    await closed;
    expect(goodbyes.at(-1)).toBe(answered.mock.calls.length === 0 ? 0 : 1);
  });
});
