import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { connect, rejection, startTcpServer, unusedPort } from "../harness.js";

// A call that is cancelled while it waits for a connection takes along what only it needed.

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

test("a connection that is being made is given up, and the next call makes another one", async () => {
  const server = await startTcpServer((socket) => socket.resume());
  const stub = connect(server.address);
  const controller = new AbortController();
  const outcome = rejection(stub.unary({}, { signal: controller.signal }));
  await expect.poll(() => server.sockets.length).toBe(1);
  const closed = once(server.sockets[0] as NonNullable<(typeof server.sockets)[0]>, "close");
  controller.abort();
  expect(await outcome).toMatchObject({ status: Status.CANCELLED });
  await closed;
  expect(await rejection(stub.unary({}, { timeout: 200 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
  expect(server.sockets).toHaveLength(2);
});
