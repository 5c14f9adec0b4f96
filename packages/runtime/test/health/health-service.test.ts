import { expect, onTestFinished, test } from "vitest";
import { bindStub, type ServerStreamingMethod, type UnaryMethod } from "../../src/codegen.js";
import {
  HealthCheckResponse_ServingStatus as Code,
  Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthListRequest,
  type HealthListResponse,
} from "../../src/gen/grpc/health/v1/health_pb.js";
import { HealthService, type ServingStatus } from "../../src/health.js";
import { GRPCError, Status, type Transport } from "../../src/index.js";
import { Server } from "../../src/node.js";
import { testService } from "../calls/kinds.js";
import { TestServiceBase } from "../gen/test/v1/test_grpclib.js";
import { openChannel, rejection, startServer } from "../harness.js";

class HealthStub {
  readonly check!: UnaryMethod<HealthCheckRequest, HealthCheckResponse>;
  readonly watch!: ServerStreamingMethod<HealthCheckRequest, HealthCheckResponse>;
  readonly list!: UnaryMethod<HealthListRequest, HealthListResponse>;

  constructor(channel: Transport) {
    bindStub(this, channel, Health);
  }
}

async function startHealth(health = new HealthService()) {
  const { server, address } = await startServer({}, { services: [testService({}), health] });
  return { health, server, stub: new HealthStub(openChannel(address)) };
}

/** Reads a status after the other. */
function watch(stub: HealthStub, service: string) {
  const responses = stub.watch({ service })[Symbol.asyncIterator]();
  onTestFinished(async () => {
    await responses.return?.();
  });
  return async () => {
    const { done, value } = await responses.next();
    return done ? "end" : Code[value.status];
  };
}

test("the server and all of its services serve from the start", async () => {
  const { stub } = await startHealth();
  for (const service of ["", "test.v1.TestService", "grpc.health.v1.Health"]) {
    expect(Code[(await stub.check({ service })).status]).toBe("SERVING");
  }
});

test("a status that is set before the server is created stays", async () => {
  const health = new HealthService();
  health.set("test.v1.TestService", "NOT_SERVING");
  const { stub } = await startHealth(health);
  expect(Code[(await stub.check({ service: "test.v1.TestService" })).status]).toBe("NOT_SERVING");
});

test("Check of an unknown name is NOT_FOUND", async () => {
  const { stub, health } = await startHealth();
  expect(await rejection(stub.check({ service: "readiness" }))).toMatchObject({ status: Status.NOT_FOUND });
  health.set("readiness", "SERVING");
  expect(Code[(await stub.check({ service: "readiness" })).status]).toBe("SERVING");
  health.delete("readiness");
  expect(await rejection(stub.check({ service: "readiness" }))).toMatchObject({ status: Status.NOT_FOUND });
});

test("the server does not depend on its services, nor they on it", async () => {
  const { health } = await startHealth();
  health.set(Health, "NOT_SERVING");
  expect([health.get(""), health.get(Health), health.get("test.v1.TestService")]).toEqual([
    "SERVING",
    "NOT_SERVING",
    "SERVING",
  ]);
});

test("List has all statuses, also of names that are properties of all objects", async () => {
  const { stub, health } = await startHealth();
  health.set("__proto__", "UNKNOWN");
  health.set("constructor", "NOT_SERVING");
  const { statuses } = await stub.list({});
  expect(Object.entries(statuses).map(([name, { status }]) => [name, Code[status]])).toEqual(
    expect.arrayContaining([
      ["", "SERVING"],
      ["test.v1.TestService", "SERVING"],
      ["grpc.health.v1.Health", "SERVING"],
      ["constructor", "NOT_SERVING"],
    ]),
  );
});

test("List of more than 100 statuses is RESOURCE_EXHAUSTED", async () => {
  const { stub, health } = await startHealth();
  for (let i = 0; i < 97; i++) health.set(`service ${i}`, "SERVING");
  expect(Object.keys((await stub.list({})).statuses)).toHaveLength(100);
  health.set("one more", "SERVING");
  expect(await rejection(stub.list({}))).toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
});

test("Watch sends the status, and then each change", async () => {
  const { stub, health } = await startHealth();
  const next = watch(stub, "test.v1.TestService");
  expect(await next()).toBe("SERVING");
  health.set("another", "NOT_SERVING");
  health.set("test.v1.TestService", "SERVING");
  health.set("test.v1.TestService", "NOT_SERVING");
  expect(await next()).toBe("NOT_SERVING");
  health.set("test.v1.TestService", "UNKNOWN");
  expect(await next()).toBe("UNKNOWN");
});

test("Watch of an unknown name is SERVICE_UNKNOWN, and goes on when the name is known", async () => {
  const { stub, health } = await startHealth();
  const next = watch(stub, "later");
  expect(await next()).toBe("SERVICE_UNKNOWN");
  health.set("later", "SERVING");
  expect(await next()).toBe("SERVING");
  health.delete("later");
  expect(await next()).toBe("SERVICE_UNKNOWN");
});

test("shutdown() makes everything NOT_SERVING whatever is set, until resume()", async () => {
  const { stub, health } = await startHealth();
  const next = watch(stub, "");
  expect(await next()).toBe("SERVING");
  health.shutdown();
  expect(await next()).toBe("NOT_SERVING");
  health.set("test.v1.TestService", "SERVING");
  expect(Code[(await stub.check({ service: "test.v1.TestService" })).status]).toBe("NOT_SERVING");
  expect(await rejection(stub.check({ service: "unknown" }))).toMatchObject({ status: Status.NOT_FOUND });
  health.resume();
  expect(await next()).toBe("SERVING");
});

test("a closing server tells those who watch, serves on during the lame duck period, and lets them go", async () => {
  const { stub, server } = await startHealth();
  const next = watch(stub, "");
  expect(await next()).toBe("SERVING");
  const start = performance.now();
  const closed = server.close({ lameDuck: 300 });
  expect(await next()).toBe("NOT_SERVING");
  expect(Code[(await stub.check({ service: "" })).status]).toBe("NOT_SERVING");
  expect(performance.now() - start).toBeLessThan(250);
  expect(await rejection(next())).toMatchObject({ status: Status.UNAVAILABLE, message: "The server is closing" });
  await closed;
  expect(performance.now() - start).toBeGreaterThan(295);
  expect(performance.now() - start).toBeLessThan(2_000);
});

test("resume() and shutdown() change nothing once the server has been asked to close", async () => {
  const { health, server, stub } = await startHealth();
  const next = watch(stub, "");
  expect(await next()).toBe("SERVING");
  health.shutdown();
  expect(await next()).toBe("NOT_SERVING");
  const closed = server.close({ lameDuck: 100 });
  health.resume();
  expect(health.get("")).toBe("NOT_SERVING");
  health.shutdown();
  health.resume();
  expect(Code[(await stub.check({ service: "" })).status]).toBe("NOT_SERVING");
  expect(await rejection(next())).toMatchObject({ status: Status.UNAVAILABLE });
  await closed;
  health.resume();
  expect(health.get("")).toBe("NOT_SERVING");
});

test("a second server is refused, also after the first one has closed", async () => {
  const { health, server, stub } = await startHealth();
  const again = () => new Server([health]);
  const refusal = new TypeError("A HealthService is for one server only. Create one for each server.");
  expect(again).toThrow(refusal);
  expect(Code[(await stub.check({ service: "" })).status]).toBe("SERVING");
  await server.close();
  expect(again).toThrow(refusal);
});

test("a service is given by its name or its descriptor", () => {
  const health = new HealthService();
  const text = "A service is given by its full name or its descriptor, got";
  const given = (value: unknown) => value as string;
  for (const value of [undefined, null, 7, {}]) {
    expect(() => health.set(given(value), "SERVING")).toThrow(new TypeError(`${text} ${value}`));
    expect(() => health.get(given(value))).toThrow(TypeError);
    expect(() => health.delete(given(value))).toThrow(TypeError);
  }
  expect(() => health.set(given(testService({})), "SERVING")).toThrow("got [object Object]. Pass its $service.");
  expect(() => health.set(given(TestServiceBase), "SERVING")).toThrow(`${text} the class TestServiceBase`);
  health.set(testService({}).$service, "UNKNOWN");
  expect(health.get("test.v1.TestService")).toBe("UNKNOWN");
});

test("a server without a lame duck period tells those who watch, too", async () => {
  const { stub, server } = await startHealth();
  const next = watch(stub, "");
  expect(await next()).toBe("SERVING");
  const closed = server.close();
  expect(await next()).toBe("NOT_SERVING");
  expect(await rejection(next())).toBeInstanceOf(GRPCError);
  await closed;
});

test("a second close() ends the lame duck period", async () => {
  const { server } = await startHealth();
  const start = performance.now();
  const first = server.close({ lameDuck: 60_000 });
  await server.close();
  await first;
  expect(performance.now() - start).toBeLessThan(5_000);
});

test.for([Number.NaN, -1, "1"])("a lame duck period of %j is refused, and the server stays open", async (lameDuck) => {
  const { stub, server } = await startHealth();
  expect(await rejection(server.close({ lameDuck: lameDuck as number }))).toBeInstanceOf(TypeError);
  expect(Code[(await stub.check({ service: "" })).status]).toBe("SERVING");
});

test("set() refuses what is not a status", () => {
  expect(() => new HealthService().set("", "SERVICE_UNKNOWN" as ServingStatus)).toThrow(
    new TypeError('A health status is "SERVING", "NOT_SERVING" or "UNKNOWN", got "SERVICE_UNKNOWN"'),
  );
});

test("many changes while nobody reads are one, and clients that leave are forgotten", async () => {
  const { stub, health } = await startHealth();
  const responses = stub.watch({ service: "" })[Symbol.asyncIterator]();
  expect((await responses.next()).value?.status).toBe(Code.SERVING);
  for (let i = 0; i < 1_000; i++) health.set("", i % 2 === 0 ? "NOT_SERVING" : "UNKNOWN");
  expect(Code[(await responses.next()).value?.status ?? 0]).toMatch(/NOT_SERVING|UNKNOWN/);
  await responses.return?.();
});
