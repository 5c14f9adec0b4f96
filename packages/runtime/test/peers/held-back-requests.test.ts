import { describe, expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { FrameType, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { reset, Setting, settings } from "../frames/frames.js";
import { connect, rejection, startTcpServer } from "../harness.js";

// Up to Node 25 a stream never closes, and is not destroyed, when it is reset with NO_ERROR while its data is held back by
// flow control: bare node:http2 too.

describe("a server of one call at a time that takes no data, and resets each call", () => {
  test.for([
    [0, Status.UNKNOWN],
    [2, Status.INTERNAL],
    [8, Status.CANCELLED],
  ] as const)("with code %d: its slot is free for the next call", async ([code, status]) => {
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
