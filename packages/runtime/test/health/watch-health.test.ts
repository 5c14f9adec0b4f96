import { expect, test } from "vitest";
import { HealthService, watchHealth } from "../../src/health.js";
import { Status } from "../../src/index.js";
import { Server } from "../../src/node.js";
import { after, Faults, serve } from "../../src/testing.js";
import { testService } from "../calls/kinds.js";
import { openChannel, rejection, startServer, unusedPort } from "../harness.js";

test("yields the status and each change, until the signal aborts", async () => {
  const health = new HealthService();
  const { address } = await startServer({}, { services: [testService({}), health] });
  const controller = new AbortController();
  const statuses = watchHealth(openChannel(address), { signal: controller.signal });
  expect((await statuses.next()).value).toBe("SERVING");
  health.set("", "NOT_SERVING");
  expect((await statuses.next()).value).toBe("NOT_SERVING");
  controller.abort();
  expect(await statuses.next()).toEqual({ done: true, value: undefined });
});

test("takes the descriptor of a service, and yields SERVICE_UNKNOWN for one that the server does not have", async () => {
  const health = new HealthService();
  const { address } = await startServer({}, { services: [testService({}), health] });
  const channel = openChannel(address);
  const known = watchHealth(channel, { service: testService({}).$service });
  expect((await known.next()).value).toBe("SERVING");
  const unknown = watchHealth(channel, { service: "other.v1.Service" });
  expect((await unknown.next()).value).toBe("SERVICE_UNKNOWN");
  await Promise.all([known.return(), unknown.return()]);
});

test("an instance of a service is not a service to watch, and options that do not exist are refused", async () => {
  const { address } = await startServer({}, { services: [new HealthService()] });
  const service = testService({}) as unknown as string;
  await expect(watchHealth(openChannel(address), { service }).next()).rejects.toThrow("Pass its $service.");
  const typo = { services: "test.v1.TestService" } as object;
  await expect(watchHealth(openChannel(address), typo).next()).rejects.toThrow(
    new TypeError('watchHealth() has no option "services". It has service, signal.'),
  );
});

test("a server without the service: UNIMPLEMENTED", async () => {
  const { address } = await startServer({});
  expect(await rejection(watchHealth(openChannel(address)).next())).toMatchObject({ status: Status.UNIMPLEMENTED });
});

test("the default timeout of a channel does not end it", async () => {
  const health = new HealthService();
  const { address } = await startServer({}, { services: [health] });
  const statuses = watchHealth(openChannel(address, { timeout: 50 }));
  expect((await statuses.next()).value).toBe("SERVING");
  const next = statuses.next();
  setTimeout(() => health.set("", "UNKNOWN"), 200);
  expect((await next).value).toBe("UNKNOWN");
  await statuses.return();
});

test("a channel that is closed ends it, with an error", async () => {
  const { address } = await startServer({}, { services: [new HealthService()] });
  const channel = openChannel(address);
  const statuses = watchHealth(channel);
  expect((await statuses.next()).value).toBe("SERVING");
  const pending = rejection(statuses.next());
  await channel.close();
  const closed = { status: Status.CANCELLED, message: "The channel is closed" };
  expect(await pending).toMatchObject(closed);
  expect(await rejection(watchHealth(channel).next())).toMatchObject(closed);
});

test("a stream that a proxy resets with CANCEL is UNREACHABLE", async () => {
  const faults = new Faults();
  await using served = await serve([new HealthService()], { faults });
  faults.nextCall(after(1).reset("CANCEL"));
  const statuses = watchHealth(served.channel);
  expect((await statuses.next()).value).toBe("SERVING");
  expect((await statuses.next()).value).toBe("UNREACHABLE");
  await statuses.return();
});

test("a server that cannot be reached, or has gone, is UNREACHABLE until it is back", async () => {
  const port = await unusedPort();
  const statuses = watchHealth(openChannel(`http://127.0.0.1:${port}`, { backoff: { initial: 10 } }));
  expect((await statuses.next()).value).toBe("UNREACHABLE");
  for (let i = 0; i < 2; i++) {
    const server = new Server([new HealthService()]);
    await server.listen({ host: "127.0.0.1", port });
    expect((await statuses.next()).value).toBe("SERVING");
    await server.close();
    expect((await statuses.next()).value).toBe("NOT_SERVING");
    expect((await statuses.next()).value).toBe("UNREACHABLE");
  }
  await statuses.return();
}, 20_000);
