import { fromBinary } from "@bufbuild/protobuf";
import { FrameType, preface, type ReceivedFrame } from "../../frames/frame.js";
import { FrameConnection } from "../../frames/frame-connection.js";
import { goaway, settings } from "../../frames/frames.js";
import { answer } from "../../frames/served-call.js";
import { TestRequestSchema } from "../../gen/test/v1/test_pb.js";
import { listenTcp } from "../../tcp-listener.js";

/** The length of the prefix of a message. */
const PREFIX_BYTES = 5;

/**
 * Starts a server that sends GOAWAY on each connection after some streams, as
 * proxies do. It discards the streams after them, and closes the connection once
 * it has answered.
 *
 * @param streams returns the number of streams for a new connection
 * @param executed gets the texts of the requests that are answered
 */
export async function startGoawayPeer(streams: () => number, executed: string[]): Promise<number> {
  const { port } = await listenTcp((socket) => {
    const limit = streams();
    let opened = 0;
    let answered = 0;
    let last = 0;
    const onFrame = ({ type, stream, payload }: ReceivedFrame, connection: FrameConnection) => {
      if (type === FrameType.HEADERS) {
        opened += 1;
        if (opened <= limit) last = stream;
        if (opened === limit) connection.send(goaway(last, 0));
      }
      if (type !== FrameType.DATA || stream > last || payload.length < PREFIX_BYTES) return;
      const { text } = fromBinary(TestRequestSchema, payload.subarray(PREFIX_BYTES));
      executed.push(text);
      answer({ connection, stream }, { text });
      answered += 1;
      if (answered === limit) socket.end();
    };
    new FrameConnection(socket, preface.length, onFrame).send(settings());
  });
  return port;
}
