import { type AddressInfo, createServer, type Socket } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import { FrameType, preface, type ReceivedFrame } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, settings } from "../frames/frames.js";
import { responseFields, responseMessage, trailerFields } from "../frames/grpc.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import type { AttackedCall } from "./calls.js";

/**
 * Runs a server that attacks each call as the list of calls says. It is closed
 * when the test is over. The first request of a call has its number, starting at
 * 1. Number 0 is a good call, which gets a regular response.
 *
 * @returns the port of the server
 */
export async function startAttackingServer(calls: readonly AttackedCall[]): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const connection = new FrameConnection(socket, preface.length, (frame) => {
      if (frame.type === FrameType.DATA && frame.payload.length > 0) void answer(connection, frame, calls);
    });
    connection.send(settings());
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function answer(
  connection: FrameConnection,
  { stream, payload }: ReceivedFrame,
  calls: readonly AttackedCall[],
): Promise<void> {
  const { number } = fromBinary(TestRequestSchema, payload.subarray(5));
  const call = calls[number - 1];
  if (call === undefined) {
    connection.send(
      headers(stream, responseFields),
      data(stream, responseMessage({ text: "good" })),
      headers(stream, trailerFields(0), { endStream: true }),
    );
    return;
  }
  const { prefix, ending, later } = call;
  const closing = ending.frames(stream, stream);
  if (later) {
    connection.send(...prefix.frames(stream));
    await connection.roundTrip();
    connection.send(...closing);
  } else {
    connection.send(...prefix.frames(stream), ...closing);
  }
  ending.finish(connection);
}
