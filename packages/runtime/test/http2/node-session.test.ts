import { once } from "node:events";
import http2, { type ClientHttp2Session } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { NodeSession } from "../../src/http2/node-session.js";
import { selfSigned } from "../calls/certificate.js";

interface Peer {
  readonly nodeSession: ClientHttp2Session;
  readonly session: NodeSession;
  /** Sockets of the server, below TLS. */
  readonly sockets: readonly Socket[];
  /** Pings that the server has received. */
  readonly pings: () => number;
}

async function connect(secure: boolean): Promise<Peer> {
  const server = secure ? http2.createSecureServer(selfSigned()) : http2.createServer();
  const sockets: Socket[] = [];
  let pings = 0;
  server.on("connection", (socket: Socket) => sockets.push(socket));
  server.on("session", (session) => session.on("error", () => {}).on("ping", () => pings++));
  server.on("stream", (stream) => stream.on("error", () => {}).respond());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  const options = { rejectUnauthorized: false };
  const nodeSession = http2.connect(`${secure ? "https" : "http"}://127.0.0.1:${port}`, options);
  onTestFinished(() => nodeSession.destroy());
  const session = new NodeSession(nodeSession, Number.POSITIVE_INFINITY);
  await once(nodeSession, "remoteSettings");
  return { nodeSession, session, sockets, pings: () => pings };
}

describe.for([
  ["without TLS", false],
  ["with TLS", true],
] as const)("%s", ([, secure]) => {
  test("a peer that answers keeps its connection", async () => {
    const { nodeSession, session, pings } = await connect(secure);
    session.keepAlive({ time: 20, timeout: 1000 });
    await vi.waitFor(() => expect(pings()).toBeGreaterThan(5));
    expect(nodeSession.destroyed).toBe(false);
  });

  test("a peer that is frozen loses it, with an error", async () => {
    const { nodeSession, session, sockets } = await connect(secure);
    const failed = once(nodeSession, "error");
    // Waits until the server has read the settings of the client.
    await new Promise((resolve) => nodeSession.ping(resolve));
    for (const socket of sockets) freeze(socket);
    session.keepAlive({ time: 20, timeout: 20 });
    expect(String((await failed)[0])).toBe("Error: The peer has not answered a ping within 20 ms");
    expect(nodeSession.destroyed).toBe(true);
  });

  test("a frozen peer of a closing connection loses it too", async () => {
    const { nodeSession, session, sockets } = await connect(secure);
    nodeSession.request().on("error", () => {});
    await new Promise((resolve) => nodeSession.ping(resolve));
    const failed = once(nodeSession, "error");
    session.keepAlive({ time: 20, timeout: 20 });
    session.close();
    expect(session.closing).toBe(true);
    for (const socket of sockets) freeze(socket);
    await failed;
  });
});

test("a ping on a destroyed session throws nothing", async () => {
  const { nodeSession, session } = await connect(false);
  nodeSession.destroy();
  session.ping(() => {
    throw new Error("no answer can arrive");
  });
  session.keepAlive({ time: 20, timeout: 20 });
  await once(nodeSession, "close");
});

/** Stops reading from a socket below TLS and HTTP/2, which read without its streams. */
function freeze(socket: Socket): void {
  (socket as unknown as { _handle: { readStop(): void } })._handle.readStop();
}
