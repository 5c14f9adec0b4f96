import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../harness.js";
import { callWith, startClient } from "../peers/grpc-js.js";

/** A TCP balancer with one target, which can change. */
async function startBalancer(): Promise<{ readonly port: number; target: number }> {
  const sockets = new Set<Socket>();
  const balancer = { port: 0, target: 0 };
  const server = createServer((near) => {
    const far = connect(balancer.target, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true).on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  balancer.port = (server.address() as AddressInfo).port;
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return balancer;
}

test("a client that repeats unprocessed calls loses none in six rolling restarts", { timeout: 60_000 }, async () => {
  const balancer = await startBalancer();
  const startOne = async () => {
    const started = await startServer({
      async unary() {
        await sleep(2);
        return {};
      },
    });
    balancer.target = started.port;
    return started.server;
  };
  let current = await startOne();
  const client = startClient(`http://127.0.0.1:${balancer.port}`);
  const failures: string[] = [];
  let calls = 0;
  let running = true;
  const caller = async () => {
    while (running) {
      const { status } = await callWith(client, "unary", { requests: [{}] });
      calls += 1;
      if (status.code !== 0) failures.push(`${status.code} ${status.details}`);
    }
  };
  const callers = Array.from({ length: 64 }, caller);
  for (let restart = 1; restart <= 6; restart++) {
    await vi.waitFor(() => expect(calls).toBeGreaterThan(restart * 300), { timeout: 10_000 });
    const before = current;
    current = await startOne();
    await before.close({ grace: 5_000 });
  }
  running = false;
  await Promise.all(callers);
  expect(failures).toEqual([]);
});
