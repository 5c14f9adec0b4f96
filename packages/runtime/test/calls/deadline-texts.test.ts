import { describe, expect, test } from "vitest";
import { type CallOptions, type GRPCError, Status } from "../../src/index.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, rejection, startTcpServer, unusedPort } from "../harness.js";
import { grpc, responseFrame, startPeer } from "../peers/raw-server.js";
import { call, kinds } from "./kinds.js";

/*
 * A DEADLINE_EXCEEDED of the client says what the call was waiting for. Peers, with a deadline of 0.4 s:
 *
 * | | grpc-js 1.14: Deadline exceeded after … | grpc-go 1.85 |
 * | --- | --- | --- |
 * | closed port | wait_for_ready,Waiting for LB pick | … dial tcp 127.0.0.1:34971: connect: connection refused |
 * | mute server | wait_for_ready,Waiting for LB pick | … while waiting for connections to become ready |
 * | no free stream | remote_addr=127.0.0.1:41481 | context deadline exceeded |
 */

async function deadlineError(stub: TestServiceStub, options: CallOptions = {}): Promise<GRPCError> {
  const errors = await Promise.all(kinds.map((kind) => rejection(call(stub, kind, { timeout: 300, ...options }))));
  const texts = new Set(errors.map((error) => (error as Error).message));
  expect([...texts]).toHaveLength(1);
  return errors[0] as GRPCError;
}

const expected = { status: Status.DEADLINE_EXCEEDED, origin: "client" };

const waitForReady = true;

describe("a deadline that passes while the call waits", () => {
  test("for a connection to a port that is closed: the error of the last attempt is the cause", async () => {
    const port = await unusedPort();
    const error = await deadlineError(connect(`http://127.0.0.1:${port}`), { waitForReady });
    expect(error).toMatchObject({ ...expected, message: `Deadline exceeded while connecting to 127.0.0.1:${port}` });
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
  });

  test("for a server that accepts connections and sends nothing", async () => {
    const { address, port } = await startTcpServer();
    const error = await deadlineError(connect(address));
    expect(error).toMatchObject({ ...expected, message: `Deadline exceeded while connecting to 127.0.0.1:${port}` });
    expect("cause" in error).toBe(false);
  });

  test("for a server that accepts connections, after connections to it have failed", async () => {
    let attempts = 0;
    const { address, port } = await startTcpServer((socket) => {
      attempts += 1;
      if (attempts === 1) socket.destroy();
    });
    const error = await deadlineError(connect(address), { waitForReady, timeout: 2_500 });
    expect(error).toMatchObject({ ...expected, message: `Deadline exceeded while connecting to 127.0.0.1:${port}` });
    expect(error.cause).toBeInstanceOf(Error);
    expect(attempts).toBeGreaterThan(1);
  });

  test("for the end of another call, because the server allows no more at a time", async () => {
    const { stub, address, streams } = await startPeer(() => {}, { maxConcurrentStreams: 1 });
    const first = rejection(stub.unary({}, { timeout: 1_000 }));
    await expect.poll(() => streams.length).toBe(1);
    const error = await deadlineError(stub);
    const { host } = new URL(address);
    expect(error).toMatchObject({
      ...expected,
      message: `Deadline exceeded while waiting for a free stream to ${host}`,
    });
    expect(await first).toMatchObject({ message: "Deadline exceeded while waiting for the response" });
  });

  test("for a server that does not answer", async () => {
    const { stub } = await startPeer(() => {});
    const error = await deadlineError(stub);
    expect(error).toMatchObject({ ...expected, message: "Deadline exceeded while waiting for the response" });
  });

  test("for the rest of a response", async () => {
    const { stub } = await startPeer((stream) => {
      stream.respond(grpc);
      stream.write(responseFrame({ text: "first" }));
    });
    const error = await deadlineError(stub);
    expect(error).toMatchObject({ ...expected, message: "Deadline exceeded during the response" });
  });
});

test("a deadline that has passed before the call", async () => {
  const error = await deadlineError(connect("http://127.0.0.1:1"), { timeout: 0 });
  expect(error).toMatchObject({ ...expected, message: "Deadline exceeded before the call started" });
});
