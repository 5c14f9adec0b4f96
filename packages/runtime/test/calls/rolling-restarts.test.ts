import { connect as connectTcp } from "node:net";
import { expect, test } from "vitest";
import type { GRPCError } from "../../src/index.js";
import { connect, startServer, startTcpServer, type TestServer } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

test("a service that is replaced six times under load fails no call", { timeout: 30_000 }, async () => {
  const handlers = handleAll(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5 * Math.random()));
    return { text: "answer" };
  });
  let current: TestServer = await startServer(handlers);
  // As in a rolling deploy, new connections go to the newest server.
  const { address } = await startTcpServer((socket) => {
    const backend = connectTcp(current.port, "127.0.0.1").setNoDelay(true);
    backend.on("error", () => socket.destroy());
    socket.once("close", () => backend.destroy());
    socket.pipe(backend).pipe(socket);
  });
  const stub = connect(address);
  const failures: string[] = [];
  let answered = 0;
  let restarting = true;
  const callers = Array.from({ length: 64 }, async (_, index) => {
    while (restarting) {
      try {
        await call(stub, kinds[index % kinds.length] ?? "unary", { timeout: 10_000 });
        answered += 1;
      } catch (error) {
        failures.push((error as GRPCError).message);
      }
    }
  });
  for (let restart = 0; restart < 6; restart++) {
    const before = answered;
    while (answered < before + 100) await new Promise((resolve) => setTimeout(resolve, 5));
    const old = current;
    current = await startServer(handlers);
    await old.server.close();
  }
  restarting = false;
  await Promise.all(callers);
  expect(failures).toEqual([]);
});
