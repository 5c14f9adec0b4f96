import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, openChannel, rejection, startServer, startTcpServer, unusedPort } from "../harness.js";
import { handleAll } from "./kinds.js";

// What is left of a call that is cancelled while it waits for a connection.

test("the timer for the next attempt to connect no longer keeps the process alive", async () => {
  const stub = connect(`http://127.0.0.1:${await unusedPort()}`);
  const controller = new AbortController();
  const outcome = rejection(stub.unary({}, { waitForReady: true, signal: controller.signal }));
  // By now the first attempt has failed. The next one is about a second away.
  await sleep(200);
  expect(process.getActiveResourcesInfo()).toContain("Timeout");
  controller.abort();
  expect(await outcome).toMatchObject({ status: Status.CANCELLED });
  expect(process.getActiveResourcesInfo()).not.toContain("Timeout");
});

test("a call that waits after it keeps the process alive again", async () => {
  const stub = connect(`http://127.0.0.1:${await unusedPort()}`);
  const first = new AbortController();
  const second = new AbortController();
  const outcome = rejection(stub.unary({}, { waitForReady: true, signal: first.signal }));
  await sleep(200);
  first.abort();
  await outcome;
  const later = rejection(stub.unary({}, { waitForReady: true, signal: second.signal }));
  expect(process.getActiveResourcesInfo()).toContain("Timeout");
  second.abort();
  await later;
});

test("a connection that is being made goes on, and the next call uses it", async () => {
  const { port } = await startServer(handleAll(() => ({})));
  const proxy = await startTcpServer((socket) => {
    setTimeout(() => {
      const onward = createConnection({ host: "127.0.0.1", port });
      socket.pipe(onward).pipe(socket);
      socket.on("close", () => onward.destroy());
    }, 200);
  });
  const stub = connect(proxy.address);
  for (let call = 0; call < 2; call += 1) {
    expect(await rejection(stub.unary({}, { timeout: 50 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
  }
  await stub.unary({}, { timeout: 5000 });
  expect(proxy.sockets).toHaveLength(1);
});

test("a connection that is being made keeps the process alive only while calls wait for it", async () => {
  // None of what listens here is to keep it alive.
  const server = await startTcpServer((socket) => void socket.resume().unref());
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap");
  const stub = connect(server.address);
  for (const controller of [new AbortController(), new AbortController()]) {
    const outcome = rejection(stub.unary({}, { signal: controller.signal }));
    await expect.poll(() => server.sockets.length).toBe(1);
    expect(sockets()).toEqual(["TCPSocketWrap"]);
    controller.abort();
    expect(await outcome).toMatchObject({ status: Status.CANCELLED });
    expect(sockets()).toEqual([]);
  }
});

test("connect() makes a connection that no call waits for any more keep the process alive", async () => {
  const server = await startTcpServer((socket) => void socket.resume().unref());
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap");
  const channel = openChannel(server.address);
  await rejection(new TestServiceStub(channel).unary({}, { timeout: 50 }));
  expect(sockets()).toEqual([]);
  channel.connect();
  expect(sockets()).toEqual(["TCPSocketWrap"]);
});
