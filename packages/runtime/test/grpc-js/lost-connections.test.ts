import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { endOf } from "../../src/grpc-js/call-end.js";
import { Status } from "../../src/index.js";
import type { FrameConnection } from "../frames/frame-connection.js";
import { goaway, reset } from "../frames/frames.js";
import { answer, serveCalls } from "../frames/served-call.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { rejection, startTcpServer } from "../harness.js";
import { openGrpcJs } from "./open.js";

/** Ends a call, or its connection. */
type Ending = (connection: FrameConnection, stream: number) => unknown;

/** How a server may lose its connections while calls are in flight. */
const losses: Record<string, Ending> = {
  "the server ends it": ({ socket }) => socket.end(),
  "the server resets it": ({ socket }) => socket.resetAndDestroy(),
  "the server resets it after a GOAWAY": async (connection, stream) => {
    connection.send(goaway(stream, 0));
    await connection.roundTrip();
    connection.socket.resetAndDestroy();
  },
  "the server has an internal error": (connection, stream) => connection.send(goaway(stream, 2)),
};

/** Starts a server that answers all calls except the first, which it ends in another way. @returns its target */
async function startServer(onFirstCall: Ending): Promise<string> {
  let calls = 0;
  const { address } = await startTcpServer((socket) =>
    serveCalls(socket, (call) => {
      calls += 1;
      if (calls === 1) onFirstCall(call.connection, call.stream);
      else answer(call);
    }),
  );
  return `ipv4:${new URL(address).host}`;
}

describe.for(Object.entries(losses))("if a connection is lost because %s", ([, lose]) => {
  test("the call is UNAVAILABLE, of this side", async () => {
    const stub = new TestServiceStub(openGrpcJs(await startServer(lose)));
    const error = await rejection(stub.unary({}));
    expect(error).toMatchObject({ status: Status.UNAVAILABLE, origin: "client" });
  });

  test("a policy repeats the call", async () => {
    const retry = { initialBackoff: 1, methods: () => true } as const;
    const stub = new TestServiceStub(openGrpcJs(await startServer(lose), { retry }));
    await stub.unary({}, { waitForReady: true });
  });
});

test("a stream that the server resets with INTERNAL_ERROR remains INTERNAL", async () => {
  const target = await startServer((connection, stream) => connection.send(reset(stream, 2)));
  expect(await rejection(new TestServiceStub(openGrpcJs(target)).unary({}))).toMatchObject({
    status: Status.INTERNAL,
    origin: "client",
    cause: { code: 2 },
  });
});

const clientError = "Received RST_STREAM with code 2 triggered by internal client error:";

test.for([
  [`${clientError} write EPIPE`, Status.UNAVAILABLE],
  [`${clientError} read EHOSTUNREACH`, Status.UNAVAILABLE],
  [`${clientError} The pending stream has been canceled (caused by: )`, Status.UNAVAILABLE],
  [`${clientError} Protocol error`, Status.UNAVAILABLE],
  [`${clientError} write after end`, Status.INTERNAL],
  ["Received RST_STREAM with code 1", Status.INTERNAL],
  ["Failed to start HTTP/2 stream with error The session has been destroyed", Status.UNAVAILABLE],
  ["Failed to start HTTP/2 stream with error Invalid header", Status.INTERNAL],
] as const)("grpc-js' text %j is the status %s", ([details, status]) => {
  const reported: StatusObject = { code: Status.INTERNAL as number, details, metadata: new Metadata() };
  expect(endOf(reported)).toMatchObject({ status, message: details, origin: "client" });
});
