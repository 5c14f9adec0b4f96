import { credentials } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { methodErrors } from "../../src/errors/contract.js";
import { grpcJsTransport } from "../../src/grpc-js.js";
import { type CallOptions, GRPCError, type ServerContext, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { data, headers } from "../frames/frames.js";
import { frameMessage, responseFields, trailerFields } from "../frames/grpc.js";
import type { Field } from "../frames/hpack.js";
import { serveCalls } from "../frames/served-call.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { collect, moment, rejection, startServer, startTcpServer, unusedPort } from "../harness.js";
import { openGrpcJs } from "./open.js";

const loopback = (port: number) => `ipv4:127.0.0.1:${port}`;

describe("a status", () => {
  const errors = { Unary: methodErrors(TestService.method.unary, { DOWN: { status: Status.UNAVAILABLE } }) };

  test("of grpc-js itself is not the server's, and does not match a declared error", async () => {
    const transport = openGrpcJs(loopback(await unusedPort()));
    const stub = new TestServiceStub(transport);
    bindStub(stub, transport, TestService, errors as never);
    expect(await rejection(stub.unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      origin: "client",
      kind: undefined,
    });
  });

  test("of the server matches a declared error, also without details and metadata", async () => {
    const server = await startServer(
      handleAll(() => {
        throw new GRPCError(Status.UNAVAILABLE, "down");
      }),
    );
    const transport = openGrpcJs(loopback(server.port));
    const stub = new TestServiceStub(transport);
    bindStub(stub, transport, TestService, errors as never);
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE, origin: "peer", kind: "DOWN" });
  });
});

test.for(kinds)("%s: a deadline that passes has the text of this library", async (kind) => {
  const { port } = await startServer(
    handleAll(
      ({ signal }: ServerContext) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    ),
  );
  const error = await rejection(call(new TestServiceStub(openGrpcJs(loopback(port))), kind, { timeout: 50 }));
  expect(error).toMatchObject({
    status: Status.DEADLINE_EXCEEDED,
    origin: "client",
    message: expect.stringMatching(
      /^Deadline exceeded (while waiting for the response|during the response|while connecting)/,
    ),
  });
});

test.for<readonly [string, CallOptions]>([
  ["the longest timeout that is a safe integer", { timeout: Number.MAX_SAFE_INTEGER }],
  ["a timeout that grpc-timeout just cannot express", { timeout: 99_999_999 * 3_600_000 }],
  ["a timeout of 1e300 ms", { timeout: 1e300 }],
  ["an infinite timeout", { timeout: Number.POSITIVE_INFINITY }],
  ["the last date", { deadline: new Date(8.64e15) }],
])("calls with %s succeed", async ([, options]) => {
  const { port } = await startServer(handleAll(() => ({ text: "in time" })));
  const stub = new TestServiceStub(openGrpcJs(loopback(port)));
  for (const kind of kinds) expect(await call(stub, kind, options)).toMatchObject([{ text: "in time" }]);
});

test.for([99_999_998 * 3_600_000, 2 ** 31, 60_000])("a timeout of %i ms is sent", async (timeout) => {
  const { port } = await startServer(
    handleAll(({ deadline }) => ({ text: `${(deadline?.remaining() ?? 0) / timeout > 0.9}` })),
  );
  const stub = new TestServiceStub(openGrpcJs(loopback(port)));
  for (const kind of kinds) expect(await call(stub, kind, { timeout })).toMatchObject([{ text: "true" }]);
});

test.for([
  ["without grpc-encoding", responseFields],
  ["with an unknown grpc-encoding", [...responseFields, ["grpc-encoding", "snappy"]] as const],
])("a compressed response %s is INTERNAL", async ([, fields]) => {
  const { address } = await startTcpServer((socket) =>
    serveCalls(socket, ({ connection, stream }) =>
      connection.send(
        headers(stream, fields as readonly Field[]),
        data(stream, frameMessage(Uint8Array.of(10, 1, 65), 1)),
        headers(stream, trailerFields(0), { endStream: true }),
      ),
    ),
  );
  const stub = new TestServiceStub(openGrpcJs(`ipv4:${new URL(address).host}`));
  for (const kind of kinds) {
    expect(await rejection(call(stub, kind))).toMatchObject({
      status: Status.INTERNAL,
      message: "grpc-js cannot decompress a response",
      origin: "client",
    });
  }
});

test("waitForReady waits for a server that starts later", async () => {
  const port = await unusedPort();
  const stub = new TestServiceStub(
    openGrpcJs(loopback(port), { channelOptions: { "grpc.initial_reconnect_backoff_ms": 100 } }),
  );
  const answer = stub.unary({ text: "early" }, { waitForReady: true });
  await startServer(
    handleAll((_, requests) => ({ text: requests[0]?.text ?? "" })),
    { listen: { port } },
  );
  expect(await answer).toMatchObject({ text: "early" });
});

test("a slow reader holds the server back, and a slow handler the client", async () => {
  let sent = 0;
  let received = 0;
  const open = moment();
  const { port } = await startServer({
    async *serverStream() {
      for (; sent < 400; sent++) yield { text: "x".repeat(100_000) };
    },
    async clientStream(requests) {
      await open.promise;
      for await (const _ of requests) received++;
      return { number: received };
    },
  });
  const stub = new TestServiceStub(openGrpcJs(loopback(port)));
  const settle = () => new Promise((resolve) => setTimeout(resolve, 300));
  await stub.serverStream.open(async (stream) => {
    await stream.sendMessage({});
    await settle();
    expect(sent).toBeLessThan(40);
    expect(await collect(stream)).toHaveLength(400);
  });
  let produced = 0;
  async function* requests() {
    for (; produced < 400; produced++) yield { text: "x".repeat(100_000) };
  }
  const answer = stub.clientStream(requests());
  await settle();
  expect(produced).toBeLessThan(60);
  open.happens();
  expect(await answer).toMatchObject({ number: 400 });
});

// grpc-js reports an error at once, and then reads no more. Channels deliver all responses before the error.
test("responses that a slow reader has not read when an error arrives are lost", async () => {
  const { port } = await startServer({
    async *serverStream() {
      for (let number = 0; number < 20; number++) yield { number };
      throw new GRPCError(Status.ABORTED, "no more");
    },
  });
  const received: number[] = [];
  const read = async () => {
    for await (const { number } of new TestServiceStub(openGrpcJs(loopback(port))).serverStream({})) {
      received.push(number);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  expect(await rejection(read())).toMatchObject({ status: Status.ABORTED, message: "no more" });
  expect(received.length).toBeLessThan(20);
});

test("close() ends calls in flight and later ones with CANCELLED", async () => {
  const running = moment();
  const { port } = await startServer(
    handleAll(
      ({ signal }: ServerContext) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          running.happens();
        }),
    ),
  );
  const transport = openGrpcJs(loopback(port));
  const stub = new TestServiceStub(transport);
  const outcome = rejection(stub.unary({}));
  await running.promise;
  await transport.close();
  const closed = { status: Status.CANCELLED, message: "The channel is closed", origin: "client" };
  expect(await outcome).toMatchObject(closed);
  expect(await rejection(stub.unary({}))).toMatchObject(closed);
});

test.for([undefined, 60_000])(
  "a server's own DEADLINE_EXCEEDED is not the caller's deadline, with a timeout of %s",
  async (timeout) => {
    const { port } = await startServer({
      async *serverStream() {
        yield {};
        throw new GRPCError(Status.DEADLINE_EXCEEDED, "the upstream was slow");
      },
    });
    const stub = new TestServiceStub(openGrpcJs(loopback(port)));
    expect(await rejection(collect(stub.serverStream({}, { timeout })))).toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
      message: "the upstream was slow",
    });
  },
);

test("options that it does not have, and credentials of something else, are TypeErrors", () => {
  const insecure = credentials.createInsecure();
  expect(() => grpcJsTransport("dns:///a", insecure, { retries: 1 } as never)).toThrow(
    new TypeError(
      'grpcJsTransport() has no option "retries". It has registry, metadata, interceptors, retry, compression, timeout, channelOptions.',
    ),
  );
  expect(() => grpcJsTransport("dns:///a", {} as never)).toThrow(TypeError);
});
