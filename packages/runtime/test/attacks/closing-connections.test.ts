import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FrameType, type Http2Frame } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { goaway, headers, ping, settings } from "../frames/frames.js";
import { requestFields } from "../frames/grpc.js";
import { moment, startServer } from "../harness.js";

/** A RST_STREAM without its code. nghttp2 stops reading when it receives this. */
const brokenReset = { type: FrameType.RST_STREAM, stream: 3, payload: new Uint8Array(1) };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Waits until pending writes have gone out and the answers have arrived. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A connection that sends a GOAWAY while a call is in flight, with more frames in the same packet. */
async function startLeaving(...more: readonly Http2Frame[]) {
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
  connection.send(settings(), headers(1, requestFields("Bidi")), goaway(0, 0), ...more);
  await running.promise;
  return { connection, finish, end: end.promise };
}

describe("a connection that is closing while a call is in flight", () => {
  test.for([
    { when: "in the packet of its GOAWAY", inPacket: [brokenReset], later: [] },
    { when: "later", inPacket: [], later: [brokenReset] },
  ])(
    "is closed, along with the call, when its peer violates HTTP/2 $when and disconnects",
    async ({ inPacket, later }) => {
      const { connection, finish, end } = await startLeaving(...inPacket);
      if (later.length > 0) await connection.roundTrip();
      connection.send(...later);
      connection.socket.resetAndDestroy();
      await connection.closed;
      for (let times = 0; times < 2; times++) {
        vi.advanceTimersByTime(20_000);
        await turns();
      }
      expect(await end).toMatchObject({ name: "StreamTerminatedError", code: undefined });
      finish.happens();
    },
  );

  test("is closed, along with the call, when its peer has violated HTTP/2, although bytes still arrive", async () => {
    const { connection, finish, end } = await startLeaving();
    await connection.roundTrip();
    connection.send(brokenReset);
    for (let seconds = 0; seconds < 42 && !connection.socket.destroyed; seconds++) {
      connection.send(ping(seconds));
      vi.advanceTimersByTime(1000);
      await turns();
    }
    await connection.closed;
    expect(await end).toMatchObject({ name: "StreamTerminatedError" });
    finish.happens();
  });

  test("is kept as long as its peer acknowledges settings", async () => {
    const { connection, finish, end } = await startLeaving();
    for (let times = 0; times < 5; times++) {
      vi.advanceTimersByTime(20_000);
      await turns();
      // The acknowledgement of the settings arrives before the answer to this.
      await connection.roundTrip();
    }
    finish.happens();
    expect(await end).toBe("finished");
    await connection.closed;
  });
});
