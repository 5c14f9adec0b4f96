import { expect, test } from "vitest";
import { FrameType, type ReceivedFrame } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { headers, reset, settings } from "../frames/frames.js";
import { requestFields } from "../frames/grpc.js";
import { startServer } from "../harness.js";

// From Node 22.10 on, a server lets a client cancel more calls than nghttp2 does by default, which is 1,000 at once.

const [major = 0] = process.versions.node.split(".").map(Number);
const CANCELLED = major >= 24 ? 5000 : 500;
const BATCH = 250;

test(`a client keeps its connection when it cancels ${CANCELLED} calls at once`, async () => {
  const { port, server } = await startServer({ unary: () => new Promise(() => {}) });
  const goaways: ReceivedFrame[] = [];
  const connection = await FrameConnection.connect(port, undefined, (frame) => {
    if (frame.type === FrameType.GOAWAY) goaways.push(frame);
  });
  connection.send(settings());
  for (let cancelled = 0; cancelled < CANCELLED; cancelled += BATCH) {
    const streams = Array.from({ length: BATCH }, (_, index) => 1 + 2 * (cancelled + index));
    connection.send(...streams.flatMap((stream) => [headers(stream, requestFields("Unary")), reset(stream, 8)]));
    await connection.roundTrip();
  }
  expect(goaways).toEqual([]);
  expect(server.connections).toMatchObject({ open: 1, accepted: 1 });
});
