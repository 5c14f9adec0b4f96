import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FrameType } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { goaway, headers, settings } from "../frames/frames.js";
import { requestFields } from "../frames/grpc.js";
import { moment, startServer } from "../harness.js";

/** A RST_STREAM without its code: nghttp2 stops reading at it. */
const brokenReset = { type: FrameType.RST_STREAM, stream: 3, payload: new Uint8Array(1) };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection that says goodbye while a call runs on it. */
async function startLeaving() {
  const running = moment();
  const end = moment<unknown>();
  const finish = moment();
  const { port } = await startServer({
    async *bidi(_requests, { signal }) {
      signal.addEventListener("abort", () => end.happens(signal.reason));
      running.happens();
      await finish.promise;
      end.happens("finished");
    },
  });
  const connection = await FrameConnection.connect(port);
  connection.send(settings(), headers(1, requestFields("Bidi")), goaway(0, 0));
  await running.promise;
  await connection.roundTrip();
  return { connection, finish, end: end.promise };
}

describe("a connection that closes while a call runs on it", () => {
  test("is given up, with the call, when its peer leaves a ping unanswered for 20 s", async () => {
    const { connection, finish, end } = await startLeaving();
    connection.send(brokenReset);
    connection.socket.resetAndDestroy();
    await connection.closed;
    vi.advanceTimersByTime(40_000);
    expect(await end).toMatchObject({ name: "StreamTerminatedError", code: undefined });
    finish.happens();
  });

  test("is kept as long as its peer answers pings", async () => {
    const { connection, finish, end } = await startLeaving();
    for (let pings = 0; pings < 5; pings++) {
      vi.advanceTimersByTime(20_000);
      await connection.roundTrip();
    }
    finish.happens();
    expect(await end).toBe("finished");
    await connection.closed;
  });
});
