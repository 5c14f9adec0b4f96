import { createConnection } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type GRPCError, type ServerContext, Status } from "../../src/index.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, moment, openChannel, rejection, startPairOnNetwork, startServer, unusedPort } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

/** Handlers that run until the test releases them or their call is cancelled. `running` resolves to their context. */
function waitingHandlers() {
  const running = moment<ServerContext>();
  const release = moment();
  const handlers = handleAll(async (context) => {
    running.happens(context);
    await Promise.race([
      release.promise,
      new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason))),
    ]);
    return { text: "finished" };
  });
  return { handlers, running: running.promise, release: release.happens };
}

describe("a server that cannot be reached", () => {
  test.for(kinds)("%s: UNAVAILABLE, and the cause says why", async (kind) => {
    const port = await unusedPort();
    const error = (await rejection(call(connect(`http://127.0.0.1:${port}`), kind))) as GRPCError;
    expect(error).toMatchObject({ name: "GRPCError", status: Status.UNAVAILABLE, origin: "client" });
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED", port });
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });

  test("calls fail at once while the channel waits for its next connection attempt", async () => {
    const stub = connect(`http://127.0.0.1:${await unusedPort()}`);
    const first = await rejection(stub.unary({}));
    const others = await Promise.all(kinds.map((kind) => rejection(call(stub, kind))));
    expect([first, ...others]).toMatchObject(
      Array(5).fill({ status: Status.UNAVAILABLE, cause: { code: "ECONNREFUSED" } }),
    );
  });

  test("all calls that wait for the connection fail when the attempt fails", async () => {
    const stub = connect(`http://127.0.0.1:${await unusedPort()}`);
    const errors = await Promise.all(kinds.map((kind) => rejection(call(stub, kind))));
    expect(errors).toMatchObject(Array(4).fill({ status: Status.UNAVAILABLE, cause: { code: "ECONNREFUSED" } }));
  });

  test("calls with waitForReady wait until it can be reached", async () => {
    const port = await unusedPort();
    const stub = connect(`http://127.0.0.1:${port}`);
    const failed = rejection(stub.unary({}));
    const waiting = kinds.map((kind) => call(stub, kind, { waitForReady: true }));
    expect(await failed).toMatchObject({ status: Status.UNAVAILABLE });
    await startServer(
      handleAll(() => ({ text: "here I am" })),
      { listen: { host: "127.0.0.1", port } },
    );
    expect(await Promise.all(waiting)).toMatchObject(Array(4).fill([{ text: "here I am" }]));
  });
});

describe("server.close()", () => {
  test.for(kinds)("%s: a call in flight may finish", async (kind) => {
    const { handlers, running, release } = waitingHandlers();
    const { stub, server } = await startPairOnNetwork(handlers);
    const result = call(stub, kind);
    const context = await running;
    const closed = server.close();
    release();
    expect(await result).toMatchObject([{ text: "finished" }]);
    await closed;
    expect(context.signal.aborted).toBe(false);
  });

  test.for(kinds)("%s: a call in flight ends with UNAVAILABLE after the grace period", async (kind) => {
    const { handlers, running } = waitingHandlers();
    const { stub, server } = await startPairOnNetwork(handlers);
    const result = rejection(call(stub, kind));
    const { signal } = await running;
    await server.close({ grace: 0 });
    expect(await result).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining("shutting down"),
    });
    expect(signal.reason).toMatchObject({ name: "GRPCError", status: Status.UNAVAILABLE });
  });

  test("later calls are UNAVAILABLE", async () => {
    const { stub, server } = await startPairOnNetwork(handleAll(() => ({})));
    await stub.unary({});
    await server.close();
    const errors = await Promise.all(kinds.map((kind) => rejection(call(stub, kind))));
    expect(errors).toMatchObject(Array(4).fill({ status: Status.UNAVAILABLE, cause: { code: "ECONNREFUSED" } }));
  });

  test("calls made during the grace period are UNAVAILABLE", async () => {
    const { handlers, running, release } = waitingHandlers();
    const { stub, channel, server } = await startPairOnNetwork(handlers);
    const first = call(stub, "unary");
    first.catch(() => {}); // It is awaited below, unless something fails before.
    await running;
    const closed = server.close();
    // Calls that are sent before the client learns of it are served.
    for await (const state of channel.changes()) if (state === "IDLE") break;
    const second = await rejection(stub.unary({}));
    release();
    expect(second).toMatchObject({ status: Status.UNAVAILABLE });
    expect(await first).toMatchObject([{ text: "finished" }]);
    await closed;
  });

  test("it closes idle connections at once, and can be called twice", async () => {
    const { stub, server } = await startPairOnNetwork(handleAll(() => ({})));
    await stub.unary({});
    await server.close({ grace: 3_600_000 });
    await server.close();
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE });
  });

  test("it waits no longer than the grace period for clients that have connected but sent nothing", async () => {
    const { port, server } = await startServer({});
    const socket = createConnection(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const closed = new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
    await new Promise<void>((resolve) => socket.resume().once("connect", resolve));
    await server.close({ grace: 20 });
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  test("await using closes the server", async () => {
    const { stub, server } = await startPairOnNetwork(handleAll(() => ({})));
    await stub.unary({});
    await server[Symbol.asyncDispose]();
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE });
  });
});

describe("a channel", () => {
  test("reconnects to a server that was restarted", async () => {
    const first = await startServer(handleAll(() => ({ text: "first" })));
    const stub = connect(first.address);
    expect(await stub.unary({})).toMatchObject({ text: "first" });
    await first.server.close();
    await startServer(
      handleAll(() => ({ text: "second" })),
      { listen: { host: "127.0.0.1", port: first.port } },
    );
    expect(await stub.unary({})).toMatchObject({ text: "second" });
  });

  test("shares one connection among its calls, but not with other channels", async () => {
    const peers = new Set<string>();
    const { address } = await startServer(
      handleAll(({ peer }) => {
        peers.add(peer);
        return {};
      }),
    );
    const channel = openChannel(address);
    const stubs = [new TestServiceStub(channel), new TestServiceStub(channel)];
    await Promise.all(stubs.flatMap((stub) => kinds.map((kind) => call(stub, kind))));
    expect(peers.size).toBe(1);
    await connect(address).unary({});
    expect(peers.size).toBe(2);
  });

  test("does not keep the process alive while idle, only while a call is in flight", async () => {
    const { handlers, running, release } = waitingHandlers();
    const { stub } = await startPairOnNetwork({ ...handlers, unary: () => ({}) });
    const openSockets = () =>
      process.getActiveResourcesInfo().filter((resource) => resource === "TCPSocketWrap").length;
    const onlyTheServers = async () => {
      while (openSockets() !== 1) await new Promise((resolve) => setImmediate(resolve));
    };
    await stub.unary({});
    await onlyTheServers();
    const result = call(stub, "serverStream");
    await running;
    expect(openSockets()).toBe(2);
    release();
    await result;
    await onlyTheServers();
  });
});

describe("channel.close()", () => {
  test.for(kinds)("%s: a call in flight is CANCELLED on both sides", async (kind) => {
    const { handlers, running } = waitingHandlers();
    const { stub, channel } = await startPairOnNetwork(handlers);
    const result = rejection(call(stub, kind));
    const { signal } = await running;
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
    await channel.close();
    expect(await result).toMatchObject({
      status: Status.CANCELLED,
      origin: "client",
      message: "The channel is closed",
    });
    await aborted;
  });

  test.for(kinds)("%s: a later call is CANCELLED", async (kind) => {
    const { stub, channel } = await startPairOnNetwork(handleAll(() => ({})));
    await call(stub, kind);
    await channel.close();
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.CANCELLED, origin: "client" });
    expect(await rejection(call(stub, kind, { waitForReady: true }))).toMatchObject({ status: Status.CANCELLED });
  });

  test.for(kinds)("%s: a call that waits for a connection is CANCELLED", async (kind) => {
    const channel = openChannel(`http://127.0.0.1:${await unusedPort()}`);
    const result = rejection(call(new TestServiceStub(channel), kind, { waitForReady: true }));
    await channel.close();
    expect(await result).toMatchObject({ status: Status.CANCELLED, origin: "client" });
  });

  test("it can run before any call, and twice", async () => {
    const channel = openChannel(`http://127.0.0.1:${await unusedPort()}`);
    await channel.close();
    await channel.close();
    expect(await rejection(new TestServiceStub(channel).unary({}))).toMatchObject({ status: Status.CANCELLED });
  });

  test("await using closes the channel", async () => {
    const channel = openChannel(`http://127.0.0.1:${await unusedPort()}`);
    await channel[Symbol.asyncDispose]();
    expect(await rejection(new TestServiceStub(channel).unary({}))).toMatchObject({ status: Status.CANCELLED });
  });
});
