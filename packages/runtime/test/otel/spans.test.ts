import { connect as connectTcp, type Socket } from "node:net";
import { SpanKind } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../src/error-details.js";
import { detail, GRPCError, type ServerContext, Status, type Transport } from "../../src/index.js";
import { telemetry } from "../../src/otel.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment, openChannel, rejection, startTcpServer } from "../harness.js";
import { Sdk, shown } from "./sdk.js";
import { errorsOf, nameOf, shared, startObserved } from "./service.js";

const peer = { "network.peer.address": "127.0.0.1", "network.peer.port": expect.any(Number) };

async function untilCancelled({ signal }: ServerContext) {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return {};
}

/** The attributes of a metric's point, without those that all calls have. */
async function pointOf(sdk: Sdk, side: "client" | "server") {
  const points = await sdk.points(`rpc.${side}.call.duration`);
  return points.map(({ attributes: { "rpc.system.name": _, "rpc.method": __, ...attributes }, count }) => ({
    ...attributes,
    count,
  }));
}

describe.for(kinds)("%s", (kind) => {
  const name = nameOf(kind);
  const base = { "rpc.system.name": "grpc", "rpc.method": name };

  /** Waits for both spans. */
  async function both(sdk: Sdk) {
    const client = await sdk.span(SpanKind.CLIENT, 2);
    const server = await sdk.span(SpanKind.SERVER, 2);
    return { client, server };
  }

  test("a call that succeeds has a span on each side, in one trace, and a duration", async () => {
    const sdk = new Sdk();
    const { stub } = await startObserved(handleAll(() => ({})));
    await call(stub, kind);
    const { client, server } = await both(sdk);
    const attributes = { ...base, "rpc.status_code": "OK", ...peer };
    expect(shown(client)).toEqual({ name, kind: "CLIENT", status: "UNSET", attributes });
    expect(shown(server)).toEqual({ name, kind: "SERVER", status: "UNSET", attributes });
    expect(server.parentSpanContext).toMatchObject({ spanId: client.spanContext().spanId, isRemote: true });
    expect(server.spanContext().traceId).toBe(client.spanContext().traceId);
    expect(await pointOf(sdk, "client")).toEqual([{ "rpc.status_code": "OK", count: 1 }]);
    expect(await pointOf(sdk, "server")).toEqual([{ "rpc.status_code": "OK", count: 1 }]);
  });

  test("a declared error is recorded with its reason and domain; it is not a failure of the server", async () => {
    const sdk = new Sdk();
    const { stub } = await startObserved(
      handleAll(() => {
        throw errorsOf(kind).GONE("It is gone");
      }),
    );
    await rejection(call(stub, kind));
    const { client, server } = await both(sdk);
    const declared = {
      "rpc.status_code": "NOT_FOUND",
      "grpc.error.declared": true,
      "grpc.error.kind": "GONE",
      "grpc.error.reason": "IT_IS_GONE",
      "grpc.error.domain": "test.v1",
    };
    const attributes = { ...base, ...declared, "grpc.ended_by": "server", ...peer };
    expect(shown(client)).toMatchObject({ status: "ERROR", message: "It is gone" });
    expect(client.attributes).toEqual({ ...attributes, "error.type": "NOT_FOUND" });
    expect(shown(server)).toEqual({ name, kind: "SERVER", status: "UNSET", attributes });
    expect(await pointOf(sdk, "client")).toEqual([{ ...declared, "error.type": "NOT_FOUND", count: 1 }]);
    expect(await pointOf(sdk, "server")).toEqual([{ ...declared, count: 1 }]);
  });

  test("a shared error that the method declares is recorded as declared on both sides", async () => {
    const sdk = new Sdk();
    const { stub } = await startObserved(
      handleAll(() => {
        throw shared.READ_ONLY("Try again tomorrow");
      }),
    );
    await rejection(call(stub, kind));
    const declared = {
      "grpc.error.declared": true,
      "grpc.error.kind": "READ_ONLY",
      "grpc.error.reason": "READ_ONLY",
      "grpc.error.domain": "common.v1",
    };
    for (const span of Object.values(await both(sdk))) expect(span.attributes).toMatchObject(declared);
  });

  test("an error that matches a declaration without a reason is declared, and its own reason is not recorded", async () => {
    const sdk = new Sdk();
    const info = detail(ErrorInfoSchema, { reason: "REASON_12345", domain: "somewhere" });
    const { stub } = await startObserved(
      handleAll(() => {
        throw new GRPCError(Status.OUT_OF_RANGE, "full", [info]);
      }),
    );
    await rejection(call(stub, kind));
    for (const span of Object.values(await both(sdk))) {
      expect(span.attributes).toMatchObject({ "grpc.error.declared": true, "grpc.error.kind": "FULL" });
      expect(JSON.stringify(span.attributes)).not.toMatch(/REASON_12345|somewhere/);
    }
    for (const side of ["client", "server"] as const) {
      expect(JSON.stringify(await pointOf(sdk, side))).not.toMatch(/REASON_12345|somewhere/);
    }
  });

  test("a declared error that another server sent is not declared if the caller does not get it", async () => {
    const sdk = new Sdk();
    const upstream = await startObserved(
      handleAll(() => {
        throw errorsOf(kind).GONE("gone");
      }),
    );
    const { stub, reports } = await startObserved(
      handleAll(async () => {
        await call(upstream.stub, kind);
        return {};
      }),
    );
    await rejection(call(stub, kind));
    const [last, first] = (await sdk.spans(4)).filter((span) => span.kind === SpanKind.SERVER);
    expect(last?.attributes).toMatchObject({ "grpc.error.declared": true, "grpc.error.kind": "GONE" });
    expect(first?.attributes).toMatchObject({ "rpc.status_code": "UNKNOWN", "grpc.error.declared": false });
    reports.take();
  });

  test("the reason of an undeclared error is not recorded, because it could be any text", async () => {
    const sdk = new Sdk();
    const info = detail(ErrorInfoSchema, { reason: "REASON_12345", domain: "somewhere" });
    const { stub } = await startObserved(
      handleAll(() => {
        throw new GRPCError(Status.INTERNAL, "x".repeat(1000), [info]);
      }),
    );
    await rejection(call(stub, kind));
    for (const span of Object.values(await both(sdk))) {
      expect(span.attributes).toEqual({
        ...base,
        "rpc.status_code": "INTERNAL",
        "error.type": "INTERNAL",
        "grpc.error.declared": false,
        "grpc.ended_by": "server",
        ...peer,
      });
      expect(span.status.message).toBe("x".repeat(256));
      expect(span.events).toEqual([]);
    }
  });

  test("an exception of a handler is an event of the server's span", async () => {
    const sdk = new Sdk();
    const { stub, reports } = await startObserved(
      handleAll(() => {
        throw new RangeError("Out of books");
      }),
    );
    await rejection(call(stub, kind));
    const { client, server } = await both(sdk);
    expect(server.attributes).toMatchObject({ "rpc.status_code": "UNKNOWN", "error.type": "UNKNOWN" });
    expect(server.events).toMatchObject([{ name: "exception", attributes: { "exception.type": "RangeError" } }]);
    expect(client.events).toEqual([]);
    reports.take();
  });

  test("a deadline that passes on the client is recorded as such", async () => {
    const sdk = new Sdk();
    const { stub } = await startObserved(handleAll(untilCancelled));
    await rejection(call(stub, kind, { timeout: 50 }));
    // On a busy machine, it may pass before the server has got the call.
    const client = await sdk.first(SpanKind.CLIENT);
    const attributes = { "rpc.status_code": "DEADLINE_EXCEEDED", "grpc.ended_by": "deadline" };
    expect(shown(client)).toMatchObject({ status: "ERROR", attributes });
  });

  test("a deadline that passes on the server is recorded as such", async () => {
    const sdk = new Sdk();
    const { address } = await startObserved(handleAll(untilCancelled));
    const channel = openChannel(address);
    // The caller itself sets no deadline, so that only the server has a timer.
    const start: Transport["start"] = (request, listener) => channel.start({ ...request, timeout: 50 }, listener);
    await rejection(call(new TestServiceStub({ start }), kind));
    const attributes = { "rpc.status_code": "DEADLINE_EXCEEDED", "grpc.ended_by": "deadline" };
    expect(shown(await sdk.span(SpanKind.SERVER, 1))).toMatchObject({ status: "ERROR", attributes });
  });

  test("a caller that cancels is the one who has ended the call; to the server that is not a failure", async () => {
    const sdk = new Sdk();
    const started = moment();
    const controller = new AbortController();
    const { stub } = await startObserved(
      handleAll((context) => {
        started.happens();
        return untilCancelled(context);
      }),
    );
    const error = rejection(call(stub, kind, { signal: controller.signal }));
    await started.promise;
    controller.abort();
    await error;
    const { client, server } = await both(sdk);
    const attributes = { "rpc.status_code": "CANCELLED", "grpc.ended_by": "client" };
    expect(shown(client)).toMatchObject({ status: "ERROR", attributes });
    expect(shown(server)).toMatchObject({ status: "UNSET", attributes });
  });

  test("a connection that is lost has ended the call", async () => {
    const sdk = new Sdk();
    const started = moment();
    const { port } = await startObserved(
      handleAll((context) => {
        started.happens();
        return untilCancelled(context);
      }),
    );
    const sockets: Socket[] = [];
    const proxy = await startTcpServer((socket) => {
      const further = connectTcp(port, "127.0.0.1").on("error", () => {});
      socket
        .on("error", () => {})
        .pipe(further)
        .pipe(socket);
      sockets.push(socket, further);
    });
    const stub = new TestServiceStub(openChannel(proxy.address, { interceptors: [telemetry()], retry: false }));
    const error = rejection(call(stub, kind));
    await started.promise;
    for (const socket of sockets) socket.destroy();
    await error;
    const { client, server } = await both(sdk);
    expect(client.attributes).toMatchObject({ "rpc.status_code": "UNAVAILABLE", "grpc.ended_by": "connection" });
    expect(server.attributes).toMatchObject({ "rpc.status_code": "CANCELLED", "grpc.ended_by": "connection" });
  });
});

test("methods that the server does not have share a name", async () => {
  const sdk = new Sdk();
  const { channel } = await startObserved({});
  const renamed = new TestServiceStub({
    start: (request, listener) =>
      channel.start(
        { ...request, method: Object.create(request.method, { path: { value: "/other.Service/X" } }) },
        listener,
      ),
  });
  await rejection(renamed.unary({}));
  const server = await sdk.span(SpanKind.SERVER, 2);
  expect(server.name).toBe("grpc");
  expect(server.attributes).toMatchObject({ "rpc.method": "_OTHER", "rpc.status_code": "UNIMPLEMENTED" });
  expect(JSON.stringify(server.attributes)).not.toContain("other.Service");
  expect((await sdk.points("rpc.server.call.duration"))[0]?.attributes).toMatchObject({ "rpc.method": "_OTHER" });
});
