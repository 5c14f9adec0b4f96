import dns from "node:dns";
import { createServer } from "node:http2";
import { syncBuiltinESMExports } from "node:module";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { grpc, responseFrame } from "./raw-server.js";

/** A host name that resolves to the given addresses while the test runs. */
export function fakeHost(addresses: readonly string[]): string {
  const host = "books.example.test";
  const original = dns.lookup;
  const resolve = (name: string, options: object, callback: (error: null, found: dns.LookupAddress[]) => void) => {
    if (!name.startsWith(host)) return original(name, options, callback as never);
    const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    setImmediate(() => callback(null, found));
  };
  dns.lookup = resolve as never;
  syncBuiltinESMExports();
  onTestFinished(() => {
    dns.lookup = original;
    syncBuiltinESMExports();
  });
  return host;
}

/** What is at an address of a fake host. */
export type Behaviour = "answers" | "answers slowly" | "is silent" | "closes" | "refuses";

/** How long a server waits that answers slowly, before it accepts a connection. In milliseconds. */
export const SLOW_MS = 600;

/** A host with one server for each behaviour, on the addresses 127.0.0.2, 127.0.0.3 … and one port. */
export async function startHost(...behaviours: readonly Behaviour[]) {
  /** How often each address was connected to. */
  const connections: number[] = behaviours.map(() => 0);
  let port = 0;
  for (const [index, behaviour] of behaviours.entries()) {
    if (behaviour === "refuses") continue;
    port = await listen(`127.0.0.${index + 2}`, port, (socket) => {
      connections[index] = (connections[index] ?? 0) + 1;
      if (behaviour === "closes") socket.end();
      if (behaviour === "answers") answerOn(socket, index);
      if (behaviour === "answers slowly") setTimeout(() => answerOn(socket, index), SLOW_MS);
    });
  }
  const host = fakeHost(behaviours.map((_, index) => `127.0.0.${index + 2}`));
  return { address: `http://${host}:${port}`, connections };
}

async function listen(host: string, port: number, onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return (server.address() as AddressInfo).port;
}

/** Serves HTTP/2 on a socket. The text of each answer is the index of the address. */
function answerOn(socket: Socket, index: number): void {
  if (socket.destroyed) return;
  const server = createServer();
  server.on("sessionError", () => {});
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.resume();
    stream.respond(grpc, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(responseFrame({ text: String(index) }));
  });
  server.emit("connection", socket);
}
