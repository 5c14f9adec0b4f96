import { describe, expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { FrameType, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { reset, Setting, settings } from "../frames/frames.js";
import { connect, rejection, startTcpServer } from "../harness.js";

// Up to Node 25, a stream that is reset with NO_ERROR while flow control holds back its data never closes, and is not
// destroyed. This is so with plain node:http2 too.

describe("a server that allows one concurrent call, reads no data and resets each call", () => {
  test.for([
    [0, Status.UNKNOWN],
    [2, Status.INTERNAL],
    [8, Status.CANCELLED],
  ] as const)("with code %d: the next call can be opened", async ([code, status]) => {
    const { address } = await startTcpServer((socket) => {
      new FrameConnection(socket, preface.length, ({ type, stream }, connection) => {
        if (type === FrameType.HEADERS) connection.send(reset(stream, code));
      }).send(settings({ [Setting.MAX_CONCURRENT_STREAMS]: 1, [Setting.INITIAL_WINDOW_SIZE]: 0 }));
    });
    const stub = connect(address);
    for (let calls = 0; calls < 5; calls++) {
      const error = await rejection(stub.unary({ data: new Uint8Array(100_000) }, { timeout: 2_000 }));
      expect(error).toMatchObject({ name: "GRPCError", status });
    }
  });
});
