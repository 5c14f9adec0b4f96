import type { Socket } from "node:net";
import { preface, type ReceivedFrame } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { settings } from "../frames/frames.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, startTcpServer } from "../harness.js";

/**
 * A server that sends single HTTP/2 frames, for behaviour that node:http2 does not
 * allow. It acknowledges the client's settings; the test does the rest.
 */
export async function startFramePeer(
  onFrame: (frame: ReceivedFrame, connection: FrameConnection) => void,
): Promise<{ readonly stub: TestServiceStub; readonly sockets: readonly Socket[] }> {
  const { address, sockets } = await startTcpServer((socket) => {
    new FrameConnection(socket, preface.length, onFrame).send(settings());
  });
  return { stub: connect(address), sockets };
}
