import { expect, test } from "vitest";
import { Flag, FrameType } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, ping, settings, windowUpdate } from "../frames/frames.js";
import { requestFields, requestMessage } from "../frames/grpc.js";
import { startServer } from "../harness.js";

test("a client that measures the bandwidth may ping several times during one response, as grpc-go does", async () => {
  const { port } = await startServer({ unary: () => ({ text: "x".repeat(600_000) }) }, { keepalive: {} });
  let received = 0;
  let pings = 0;
  let isWaiting = false;
  const ended = new Promise<string>((resolve) => {
    void FrameConnection.connect(port, undefined, ({ type, flags, payload }) => {
      if (type === FrameType.GOAWAY) resolve(`GOAWAY ${Buffer.from(payload).toString("latin1", 8)}`);
      if (type === FrameType.HEADERS && (flags & Flag.END_STREAM) !== 0) resolve("trailers");
      if (type === FrameType.PING && (flags & Flag.ACK) !== 0) isWaiting = false;
      if (type !== FrameType.DATA || payload.length === 0) return;
      received += payload.length;
      connection?.send(windowUpdate(0, payload.length), windowUpdate(1, payload.length));
      if (isWaiting) return;
      isWaiting = true;
      pings += 1;
      connection?.send(ping(1_000_000 + pings));
    }).then((opened) => {
      connection = opened;
      opened.send(settings(), headers(1, requestFields("Unary")), data(1, requestMessage(), { endStream: true }));
    });
  });
  let connection: FrameConnection | undefined;
  expect(await ended).toBe("trailers");
  expect(received).toBeGreaterThan(600_000);
  expect(pings).toBeGreaterThan(4);
  connection?.socket.destroy();
});
