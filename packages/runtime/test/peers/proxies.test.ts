import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { Status } from "../../src/index.js";
import { selfSigned } from "../calls/certificate.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { connect, rejection, startServer, startTcpServer } from "../harness.js";

// Calls through an HTTP proxy: https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6

const handlers = handleAll((_context, [request]) => ({ text: request?.text ?? "" }));

/** A proxy that opens tunnels to `port` of this machine, whatever they ask for, or does what `answer` does. */
async function startProxy(port: number, answer?: (socket: Socket) => void) {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer();
  proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
    requests.push(request);
    sockets.add(socket);
    socket.on("error", () => {});
    if (answer !== undefined) return answer(socket);
    const server = connectTcp(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      server.pipe(socket).pipe(server);
    });
    sockets.add(server);
    server.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const name = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { name, requests };
}

describe("a channel with a proxy", () => {
  test.for(kinds)("%s: calls go through it, and it resolves the name of the server", async (kind) => {
    const { port } = await startServer(handlers);
    const { name, requests } = await startProxy(port);
    const stub = connect("http://books.example.test:7", { proxy: `http://${name}` });
    const text = "x".repeat(100_000);
    expect(await call(stub, kind, {}, { text })).toMatchObject([{ text }]);
    expect(requests.map(({ url, headers }) => [url, headers.host, headers["proxy-authorization"]])).toEqual([
      ["books.example.test:7", "books.example.test:7", undefined],
    ]);
  });

  test("TLS is between the channel and the server", async () => {
    const credentials = selfSigned();
    const { port } = await startServer(handlers, { listen: { tls: credentials } });
    const { name, requests } = await startProxy(port);
    const stub = connect(`https://localhost:${port}`, {
      proxy: new URL(`http://${name}`),
      tls: { ca: credentials.cert },
    });
    expect(await stub.unary({ text: "secret" })).toMatchObject({ text: "secret" });
    expect(requests[0]?.url).toBe(`localhost:${port}`);
  });

  test("it sends the user name and the password of its address", async () => {
    const { port } = await startServer(handlers);
    const { name, requests } = await startProxy(port);
    await connect("http://books.example.test:7", { proxy: `http://me:p%40ss@${name}` }).unary({});
    const expected = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(requests[0]?.headers["proxy-authorization"]).toBe(expected);
  });

  const refusals: Record<string, [answer: (socket: Socket) => void, message: RegExp]> = {
    refuses: [
      (socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
      /^The proxy 127\.0\.0\.1:\d+ refused the connection: 407 Proxy Authentication Required$/,
    ],
    "refuses at length": [
      (socket) => socket.end(`HTTP/1.1 403 ${"no ".repeat(1000)}\r\n\r\n`),
      /^The proxy 127\.0\.0\.1:\d+ refused the connection: 403 (?:no ){33}n…$/,
    ],
    "does not speak HTTP": [
      (socket) => socket.end("220 mail ready\r\n"),
      /^The proxy 127\.0\.0\.1:\d+ cannot be reached: Parse Error/,
    ],
    closes: [(socket) => socket.destroy(), /^The proxy 127\.0\.0\.1:\d+ cannot be reached: socket hang up/],
    "is silent": [() => {}, /^No connection to books\.example\.test:7 within 300 ms$/],
    "opens a tunnel to nowhere": [
      (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"),
      /^The connection to books\.example\.test:7 was lost/,
    ],
  };
  test.for(Object.entries(refusals))("a proxy that %s: UNAVAILABLE that names it", async ([, [answer, message]]) => {
    const { name } = await startProxy(0, answer);
    const stub = connect("http://books.example.test:7", { proxy: `http://${name}`, connectTimeout: 300 });
    expect(await rejection(stub.unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringMatching(message),
    });
  });

  test("a proxy that cannot be reached", async () => {
    expect(
      await rejection(connect("http://x.example.test:7", { proxy: "http://127.0.0.1:1" }).unary({})),
    ).toMatchObject({
      status: Status.UNAVAILABLE,
      message: "The proxy 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1",
    });
  });

  test("a server that speaks first: what came with the proxy's answer is not lost", async () => {
    const { port } = await startServer(handlers);
    const { name } = await startProxy(port, (socket) => {
      const server = connectTcp(port, "127.0.0.1");
      onTestFinished(() => void server.destroy());
      server.once("data", (settings: Buffer) => {
        socket.write(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), settings]));
        server.pipe(socket);
      });
      socket.pipe(server);
    });
    const stub = connect("http://books.example.test:7", { proxy: `http://${name}` });
    expect(await stub.unary({ text: "a" }, { timeout: 5000 })).toMatchObject({ text: "a" });
  });

  test("a tunnel that its call has given up is closed after connectTimeout", async () => {
    const { sockets, address } = await startTcpServer((socket) => socket.resume());
    const stub = connect("http://x.example.test:7", { proxy: address, connectTimeout: 200 });
    await rejection(stub.unary({}, { timeout: 50 }));
    expect(sockets[0]?.destroyed).toBe(false);
    while (sockets[0]?.destroyed !== true) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
