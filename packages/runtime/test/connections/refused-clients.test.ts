import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { expect, onTestFinished, test, vi } from "vitest";
import type { ConnectionCounts } from "../../src/node.js";
import { selfSigned } from "../calls/certificate.js";
import { handleAll } from "../calls/kinds.js";
import { encodeFrame, FrameType, preface } from "../frames/frame.js";
import { connect, moment, startPairOnNetwork, startServer } from "../harness.js";

// What a server says of clients that connect to it, but make no call: nothing, but it counts them.

const tls = selfSigned();

const plainClient = (port: number) => connectTcp(port, "127.0.0.1").on("error", () => {});

const sends =
  (...chunks: (string | Buffer)[]) =>
  (port: number): Socket => {
    const socket = plainClient(port);
    for (const chunk of chunks) socket.write(chunk);
    return socket;
  };

const http1 = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const settings = encodeFrame({ type: FrameType.SETTINGS });
/** For nghttp2 this is an error: it names a stream that the server has not opened. */
const goaway = encodeFrame({ type: FrameType.GOAWAY, payload: Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0) });
/** Settings have a multiple of six bytes. */
const invalid = encodeFrame({ type: FrameType.SETTINGS, payload: new Uint8Array(1) });

const doesNotSpeakHttp2 = "The client does not speak HTTP/2, or it uses TLS on a port without TLS.";
const doesNotUseTls = "The client does not use TLS. It has to connect to an https:// address.";
const tooSlow = "The client did not speak HTTP/2 within 50 ms";
const peer = expect.stringMatching(/^127\.0\.0\.1:\d+$/);

/** @returns the socket below TLS, which can be reset */
const tlsClient =
  (options: ConnectionOptions = {}) =>
  (port: number): Socket => {
    const socket = plainClient(port);
    connectTls({ socket, rejectUnauthorized: false, ALPNProtocols: ["h2"], ...options }).on("error", () => {});
    return socket;
  };

const none = { open: 0, idle: 0, connecting: 0, accepted: 1, abandoned: 0, refused: 0, lastRefusal: undefined };
const abandoned: ConnectionCounts = { ...none, abandoned: 1 };
const refused = (reason: string): ConnectionCounts => ({ ...none, refused: 1, lastRefusal: { peer, reason } });

interface Client {
  readonly secure?: boolean;
  readonly connect: (port: number) => Socket;
  /** Whether the client resets its connection instead of ending it. Default: it waits for the server to end it. */
  readonly leaves?: "FIN" | "RST";
  readonly counts: ConnectionCounts;
}

const clients: Record<string, Client> = {
  "connects and leaves, as a health check": { connect: plainClient, leaves: "FIN", counts: abandoned },
  "connects and resets the connection": { connect: plainClient, leaves: "RST", counts: abandoned },
  "connects and stays": { connect: plainClient, counts: refused(tooSlow) },
  "connects to a port with TLS and leaves": { secure: true, connect: plainClient, leaves: "FIN", counts: abandoned },
  "connects to a port with TLS and resets": { secure: true, connect: plainClient, leaves: "RST", counts: abandoned },
  "connects to a port with TLS and stays": { secure: true, connect: plainClient, counts: refused(tooSlow) },
  "completes the TLS handshake and leaves": { secure: true, connect: tlsClient(), leaves: "FIN", counts: abandoned },
  "completes the TLS handshake and resets": { secure: true, connect: tlsClient(), leaves: "RST", counts: abandoned },
  "completes the TLS handshake and stays": { secure: true, connect: tlsClient(), counts: refused(tooSlow) },
  "sends half a preface and stays": { connect: sends(preface.slice(0, 10)), counts: refused(tooSlow) },
  "sends half a preface and leaves": { connect: sends(preface.slice(0, 10)), leaves: "FIN", counts: abandoned },
  "sends a preface without settings and stays": { connect: sends(preface), counts: refused(tooSlow) },
  "sends its settings and leaves": { connect: sends(preface, settings), leaves: "FIN", counts: none },
  "sends a GOAWAY and leaves, as grpc-go": { connect: sends(preface, settings, goaway), leaves: "FIN", counts: none },
  "sends its settings, and then breaks HTTP/2": {
    connect: sends(preface, settings, invalid),
    leaves: "FIN",
    counts: none,
  },
  "uses HTTP/1.1": { connect: sends(http1), counts: refused(doesNotSpeakHttp2) },
  "uses TLS on a port without": { connect: tlsClient(), counts: refused(doesNotSpeakHttp2) },
  "uses HTTP/1.1 on a port with TLS": { secure: true, connect: sends(http1), counts: refused(doesNotUseTls) },
  "uses HTTP/2 without TLS on a port with TLS": {
    secure: true,
    connect: sends(preface, settings),
    counts: refused(doesNotUseTls),
  },
  "does not offer HTTP/2 in the TLS handshake": {
    secure: true,
    connect: tlsClient({ ALPNProtocols: undefined }),
    counts: refused("The client did not offer HTTP/2 (ALPN: h2)"),
  },
  "offers only HTTP/1.1 in the TLS handshake": {
    secure: true,
    connect: tlsClient({ ALPNProtocols: ["http/1.1"] }),
    counts: refused(expect.stringContaining("The TLS handshake with the client failed")),
  },
  "does not trust the certificate": {
    secure: true,
    connect: tlsClient({ rejectUnauthorized: true }),
    counts: abandoned,
  },
};

test.for(Object.entries(clients))("a client that %s", async ([, { secure, connect, leaves, counts }]) => {
  const { port, server } = await startServer(
    handleAll(() => ({})),
    // The server of the test fails if anything is reported.
    {
      handshakeTimeout: leaves === undefined ? 50 : 10_000,
      keepalive: { time: 100, timeout: 100 },
      ...(secure ? { listen: { tls } } : {}),
    },
  );
  const socket = connect(port);
  onTestFinished(() => void socket.destroy());
  await vi.waitFor(() => expect(server.connections.accepted).toBe(1));
  if (leaves !== undefined) await sleep(50);
  if (leaves === "RST") socket.resetAndDestroy();
  if (leaves === "FIN") socket.end();
  await vi.waitFor(() => expect(server.connections).toEqual(counts));
});

test("a client that does not offer HTTP/2 gets the answer of Node", async () => {
  const { port } = await startServer({}, { listen: { tls } });
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  let text = "";
  for await (const chunk of socket) text += chunk;
  expect(text).toContain("403 Forbidden");
  expect(text).toContain("Missing ALPN Protocol, expected `h2`");
});

test("maxConnecting: when there are too many silent clients, the oldest one is closed, and good ones get through", async () => {
  const { port, server } = await startServer(
    handleAll(() => ({ text: "good" })),
    { maxConnecting: 3 },
  );
  const closed: number[] = [];
  for (let number = 0; number < 5; number++) {
    const socket = plainClient(port).resume();
    socket.once("close", () => closed.push(number));
    onTestFinished(() => void socket.destroy());
    await vi.waitFor(() => expect(server.connections.accepted).toBe(number + 1));
  }
  await vi.waitFor(() => expect(closed).toEqual([0, 1]));
  expect(await connect(`http://127.0.0.1:${port}`).unary({})).toMatchObject({ text: "good" });
  expect(server.connections).toMatchObject({ open: 1, connecting: 2, refused: 3, accepted: 6 });
  expect(server.connections.lastRefusal?.reason).toBe(
    "More than 3 connections did not speak HTTP/2 yet (maxConnecting)",
  );
});

test("2,000 clients with garbage are counted, not reported", async () => {
  const { port, server } = await startServer(handleAll(() => ({})));
  // If more than 511 wait for Node to accept them, the operating system treats them as an attack, and drops packets.
  for (let round = 0; round < 5; round++) {
    const sockets = Array.from({ length: 400 }, () => sends(http1)(port).resume());
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  }
  expect(server.connections).toEqual({ ...none, accepted: 2000, refused: 2000, lastRefusal: expect.anything() });
});

test("connections are counted while they are open", async () => {
  const [running, finish] = [moment(), moment()];
  const { server, stub } = await startPairOnNetwork({
    async unary() {
      running.happens();
      await finish.promise;
      return {};
    },
  });
  const call = stub.unary({});
  await running.promise;
  expect(server.connections).toEqual({ ...none, open: 1 });
  finish.happens();
  await call;
  await vi.waitFor(() => expect(server.connections).toEqual({ ...none, open: 1, idle: 1 }));
  await server.close();
  expect(server.connections).toEqual(none);
});
