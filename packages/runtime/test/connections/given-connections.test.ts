import { connect as connectTcp, Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { expect, test, vi } from "vitest";
import { GRPCError, Status } from "../../src/index.js";
import { Channel } from "../../src/node.js";
import { socketPair } from "../../src/testing/socket-pair.js";
import { selfSigned } from "../calls/certificate.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment, openChannel, rejection, startServer, unusedPort } from "../harness.js";

// The channel's option `createConnection`, and the server's `accept()`.

const echo = { unary: ({ text }: { text: string }) => ({ text }) };

test("a channel uses the connections that the program makes, one for each attempt", async () => {
  const { port } = await startServer(echo, { maxConnectionIdle: 20 });
  const createConnection = vi.fn(() => connectTcp(port, "127.0.0.1"));
  const channel = openChannel("http://library", { createConnection });
  const stub = new TestServiceStub(channel);
  expect((await stub.unary({ text: "hello" })).text).toBe("hello");
  await vi.waitFor(() => expect(channel.state).toBe("IDLE"));
  expect((await stub.unary({ text: "again" })).text).toBe("again");
  expect(createConnection).toHaveBeenCalledTimes(2);
});

test("with https://, TLS runs on them", async () => {
  const tls = selfSigned();
  const { port } = await startServer(echo, { listen: { tls } });
  const createConnection = async () => connectTcp(port, "127.0.0.1");
  const channel = openChannel("https://localhost", { createConnection, tls: { ca: tls.cert } });
  expect((await new TestServiceStub(channel).unary({ text: "hello" })).text).toBe("hello");
});

test("any stream of bytes will do", async () => {
  const { server } = await startServer(echo);
  const [near, far] = duplexPair();
  near.once("close", () => far.destroy());
  server.accept(far);
  const channel = openChannel("http://library", { createConnection: () => near });
  expect((await new TestServiceStub(channel).unary({ text: "hello" })).text).toBe("hello");
});

test("a closed server counts none of the connections that it was given", async () => {
  const { server } = await startServer(echo);
  const [near, far] = socketPair();
  server.accept(far);
  const channel = openChannel("http://library", { createConnection: () => near });
  await new TestServiceStub(channel).unary({ text: "hello" });
  expect(server.connections).toMatchObject({ open: 1, idle: 1 });
  await server.close();
  expect(server.connections).toMatchObject({ open: 0, idle: 0, connecting: 0, accepted: 1 });
  expect(server.snapshot().connections.list).toEqual([]);
});

test.for<[title: string, createConnection: () => Duplex | Promise<Duplex>, cause: string]>([
  [
    "throws",
    () => {
      throw new Error("no route");
    },
    "no route",
  ],
  ["rejects", () => Promise.reject(new Error("no route")), "no route"],
  ["throws something else", () => Promise.reject("no route"), "createConnection failed"],
  ["returns something else", () => 1 as never, "createConnection returned 1. Return a socket, or a promise of one."],
])("calls fail with UNAVAILABLE if it %s", async ([, createConnection, cause]) => {
  const channel = openChannel("http://library", { createConnection });
  const error = await rejection(new TestServiceStub(channel).unary({}));
  expect(error).toBeInstanceOf(GRPCError);
  // No hint at TLS: the function has failed, not the server.
  expect(error).toMatchObject({ status: Status.UNAVAILABLE, message: cause, cause: { message: cause } });
});

test("a connection that has closed fails at once", async () => {
  const [near] = duplexPair();
  near.destroy();
  const channel = openChannel("http://library", { createConnection: () => near });
  expect(await rejection(new TestServiceStub(channel).unary({}, { timeout: 2000 }))).toMatchObject({
    status: Status.UNAVAILABLE,
    message: "createConnection returned a connection that has closed",
  });
});

test.for(["http", "https"])("%s: a socket that cannot connect fails with its own error", async (scheme) => {
  const port = await unusedPort();
  const createConnection = () => connectTcp(port, "127.0.0.1");
  const channel = openChannel(`${scheme}://library`, { createConnection });
  const message = `connect ECONNREFUSED 127.0.0.1:${port}`;
  expect(await rejection(new TestServiceStub(channel).unary({}, { timeout: 2000 }))).toMatchObject({
    status: Status.UNAVAILABLE,
    message,
    cause: { message, code: "ECONNREFUSED" },
  });
});

test("a socket that the program destroys while it is connecting fails at once", async () => {
  const createConnection = () => {
    const socket = new Socket();
    socket.connect({ host: "library", port: 1, lookup: () => {} });
    setTimeout(() => socket.destroy(), 10);
    return socket;
  };
  const channel = openChannel("http://library", { createConnection, connectTimeout: 60_000 });
  expect(await rejection(new TestServiceStub(channel).unary({}, { timeout: 5000 }))).toMatchObject({
    status: Status.UNAVAILABLE,
    message: "createConnection returned a connection that has closed",
  });
});

test("a socket that is still connecting is closed with its channel", async () => {
  const made = moment<Socket>();
  const createConnection = () => {
    const socket = new Socket();
    socket.connect({ host: "library", port: 1, lookup: () => {} });
    made.happens(socket);
    return socket;
  };
  const channel = openChannel("http://library", { createConnection });
  channel.connect();
  const socket = await made.promise;
  await channel.close();
  expect(socket.destroyed).toBe(true);
});

test("a socket that the program destroys as soon as it has connected fails at once", async () => {
  const { port } = await startServer(echo);
  const createConnection = () => {
    const socket = connectTcp(port, "127.0.0.1");
    socket.once("connect", () => socket.destroy(new Error("changed its mind")));
    return socket;
  };
  const channel = openChannel("http://library", { createConnection });
  expect(await rejection(new TestServiceStub(channel).unary({}, { timeout: 2000 }))).toMatchObject({
    status: Status.UNAVAILABLE,
    message: "createConnection returned a connection that has closed",
  });
});

test("a connection that comes too late is closed", async () => {
  const [asked, made] = [moment(), moment<Duplex>()];
  const createConnection = () => {
    asked.happens();
    return made.promise;
  };
  const channel = openChannel("http://library", { createConnection });
  channel.connect();
  await asked.promise;
  await channel.close();
  const [near] = duplexPair();
  made.happens(near);
  await vi.waitFor(() => expect(near.destroyed).toBe(true));
});

test("a connection that takes too long fails after connectTimeout", async () => {
  const createConnection = () => new Promise<never>(() => {});
  const channel = openChannel("http://library", { createConnection, connectTimeout: 30 });
  expect(await rejection(new TestServiceStub(channel).unary({}))).toMatchObject({
    status: Status.UNAVAILABLE,
    message: expect.stringContaining("within 30 ms"),
  });
});

test("mistakes are refused", () => {
  const createConnection = () => duplexPair()[0];
  const channel = (options: object) => () => new Channel("http://library", options);
  expect(channel({ createConnection: 1 })).toThrow("createConnection takes a function, got 1");
  expect(channel({ createConnection, proxy: "http://proxy" })).toThrow("takes createConnection or proxy, not both");
});
