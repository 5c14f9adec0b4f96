import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import {
  type AddressInfo,
  connect as connectTcp,
  createServer,
  type LookupFunction,
  type Server as NetServer,
  type Socket,
} from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { expect, onTestFinished, test, vi } from "vitest";
import { selfSigned } from "../calls/certificate.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, moment, openChannel, rejection, startServer, unusedPort } from "../harness.js";
import { paths, requestFrame } from "../peers/raw-client.js";

const tls = selfSigned();
const echo = { unary: ({ text }: { text: string }, { peer }: { peer: string }) => ({ text: `${text} from ${peer}` }) };

async function listen(server: NetServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test("a server takes the sockets of an existing server of node:net", async () => {
  const { server } = await startServer(echo);
  const port = await listen(createServer((socket) => server.accept(socket)));
  const stub = connect(`http://127.0.0.1:${port}`);
  expect((await stub.unary({ text: "a" })).text).toMatch(/^a from 127\.0\.0\.1:\d+$/);
  expect(server.connections).toMatchObject({ open: 1, accepted: 1 });
});

test("a socket whose setTimeout() throws is closed at the end of its connection, which ends nothing else", async () => {
  const { server } = await startServer({ unary: ({ text }) => ({ text }) });
  const accepted = moment<Socket>();
  const port = await listen(
    createServer((socket) => {
      socket.setTimeout = () => {
        throw new Error("This socket has no timeouts");
      };
      server.accept(socket);
      accepted.happens(socket);
    }),
  );
  await connect(`http://127.0.0.1:${port}`).unary({});
  await server.close();
  const socket = await accepted.promise;
  await expect.poll(() => socket.destroyed).toBe(true);
});

test("a server takes a socket that it has still to connect, as through a relay", async () => {
  const { server } = await startServer(echo);
  const waiting = moment<Socket>();
  const relay = await listen(createServer((socket) => waiting.happens(socket)));
  server.accept(connectTcp(relay, "127.0.0.1"));
  expect(server.connections).toMatchObject({ connecting: 1, accepted: 1 });
  const channel = openChannel("http://library", { createConnection: () => waiting.promise });
  const { text } = await new TestServiceStub(channel).unary({ text: "a" });
  expect(text).toBe(`a from 127.0.0.1:${relay}`);
  expect(server.connections).toMatchObject({ open: 1, connecting: 0, accepted: 1, refused: 0 });
});

test("a socket that a server cannot connect is refused, and says why, for each address of the host", async () => {
  const { server } = await startServer(echo);
  const port = await unusedPort();
  const lookup: LookupFunction = (_name, _options, callback) =>
    callback(null, [
      { address: "127.0.0.1", family: 4 },
      { address: "127.0.0.2", family: 4 },
    ]);
  server.accept(connectTcp({ host: "relay", port, lookup }));
  await vi.waitFor(() => expect(server.connections).toMatchObject({ connecting: 0, accepted: 1, refused: 1 }));
  expect(server.connections.lastRefusal).toEqual({
    peer: "unknown address",
    reason: `connect ECONNREFUSED 127.0.0.1:${port}; connect ECONNREFUSED 127.0.0.2:${port}`,
  });
});

test("a server takes the sockets of an existing server of node:tls", async () => {
  const { server } = await startServer(echo);
  const port = await listen(createTlsServer({ ...tls, ALPNProtocols: ["h2"] }, (socket) => server.accept(socket)));
  const stub = connect(`https://localhost:${port}`, { tls: { ca: tls.cert } });
  expect((await stub.unary({ text: "a" })).text).toMatch(/^a from 127\.0\.0\.1:\d+$/);
  expect(server.connections).toMatchObject({ open: 1, accepted: 1 });
});

test("a call on a socket of node:tls outlives the time for the handshake", async () => {
  const { server } = await startServer(
    {
      async unary() {
        await sleep(500);
        return {};
      },
    },
    { handshakeTimeout: 200 },
  );
  const port = await listen(createTlsServer({ ...tls, ALPNProtocols: ["h2"] }, (socket) => server.accept(socket)));
  await connect(`https://localhost:${port}`, { tls: { ca: tls.cert } }).unary({});
  expect(server.connections).toMatchObject({ open: 1, connecting: 0, refused: 0 });
});

test("a server takes any stream of bytes, and closes it", async () => {
  const { server } = await startServer({ unary: ({ text }) => ({ text }) });
  const [near, far] = pair();
  server.accept(far);
  const session = connectHttp2("http://localhost", { createConnection: () => near });
  const stream = session.request({
    ":method": "POST",
    ":path": paths.unary,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.end(requestFrame({ text: "hello" }));
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [trailers] = await once(stream, "trailers");
  expect(trailers["grpc-status"]).toBe("0");
  expect(Buffer.concat(chunks).toString()).toContain("hello");
  expect(server.connections).toMatchObject({ open: 1, accepted: 1 });
  await server.close();
  await vi.waitFor(() => expect(far.destroyed).toBe(true));
});

test.for([
  ["closed", (socket: Socket) => once(socket, "close")],
  ["been destroyed", (socket: Socket) => socket.destroy()],
] as const)("a socket that has already %s counts as abandoned, and does not hold up close()", async ([, close]) => {
  const { server } = await startServer(echo);
  const accepted = moment();
  const port = await listen(
    createServer((socket) => {
      socket.resume();
      void Promise.resolve(close(socket)).then(() => {
        server.accept(socket);
        accepted.happens();
      });
    }),
  );
  connectTcp(port, "127.0.0.1").end();
  await accepted.promise;
  expect(server.connections).toMatchObject({ accepted: 1, abandoned: 1, connecting: 0, open: 0 });
  const start = performance.now();
  await server.close();
  expect(performance.now() - start).toBeLessThan(2000);
});

test("accept() and listen() go on until the lame duck period ends", async () => {
  const { server } = await startServer(echo);
  const port = await listen(createServer((socket) => server.accept(socket)));
  const closing = server.close({ lameDuck: 60_000 });
  const late = await server.listen({ host: "127.0.0.1", port: 0 });
  for (const each of [port, late.port]) {
    expect((await connect(`http://127.0.0.1:${each}`).unary({ text: "a" })).text).toMatch(/^a from/);
  }
  await server.close();
  await closing;
  expect(() => server.accept(pair()[0])).toThrow("The server has been closed");
});

test("close() waits for calls on such sockets", async () => {
  const [running, finish] = [moment(), moment()];
  const { server } = await startServer({
    async unary() {
      running.happens();
      await finish.promise;
      return { text: "finished" };
    },
  });
  const port = await listen(createServer((socket) => server.accept(socket)));
  const call = connect(`http://127.0.0.1:${port}`).unary({});
  await running.promise;
  const closed = vi.fn();
  const closing = server.close().then(closed);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(closed).not.toHaveBeenCalled();
  finish.happens();
  expect((await call).text).toBe("finished");
  await closing;
});

test("accept() refuses what is not a stream, and a socket after close()", async () => {
  const { server } = await startServer({});
  expect(() => server.accept({} as Duplex)).toThrow(new TypeError("accept() takes a socket, got [object Object]"));
  await server.close();
  expect(() => server.accept(pair()[0])).toThrow("The server has been closed");
});

test("a server listens on several addresses", async () => {
  const { server, address } = await startServer(echo);
  const second = await server.listen({ host: "127.0.0.1", port: 0, tls });
  const stubs = [connect(address), connect(`https://localhost:${second.port}`, { tls: { ca: tls.cert } })];
  for (const stub of stubs) expect((await stub.unary({ text: "a" })).text).toMatch(/^a from/);
  expect(server.connections).toMatchObject({ open: 2, accepted: 2, idle: 2 });
});

// The option exists since Node 22.12 and 23.1. Node 20 ignores it.
const hasReusePort = !process.versions.node.startsWith("20.");

test("reusePort is passed on: where Node has it, two servers can share a port", async () => {
  const port = await unusedPort();
  const where = { listen: { host: "127.0.0.1", port, reusePort: true } };
  const first = await startServer(echo, where);
  const failure = await rejection(startServer(echo, where).then(() => Promise.reject("it listens")));
  expect(failure).toEqual(hasReusePort ? "it listens" : expect.objectContaining({ code: "EADDRINUSE" }));
  expect((await connect(first.address).unary({ text: "a" })).text).toMatch(/^a from/);
});

/** Two streams that are connected with each other. */
function pair(): [Duplex, Duplex] {
  const side = (): Duplex =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        setImmediate(() => {
          other.get(this)?.push(chunk);
          done();
        });
      },
      final(done) {
        other.get(this)?.push(null);
        done();
      },
    });
  const [a, b] = [side(), side()];
  const other = new Map([
    [a, b],
    [b, a],
  ]);
  return [a, b];
}
