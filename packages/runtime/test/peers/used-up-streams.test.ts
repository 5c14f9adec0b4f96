import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ChannelOptions } from "../../src/node.js";
import { call, type Kind } from "../calls/kinds.js";
import { Flag, FrameType, type Http2Frame, preface, type ReceivedFrame } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { goaway, reset, Setting, settings } from "../frames/frames.js";
import { answer } from "../frames/served-call.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { openChannel, startTcpServer } from "../harness.js";

// Connections on which a call waits for a stream, or has not got one in the end.

/** A channel to a server of single frames. `first` says what it sends on a connection, by the number of that. */
async function startFrames(
  first: (connection: number) => readonly Http2Frame[],
  onFrame: (frame: ReceivedFrame, connection: FrameConnection, number: number) => void,
  options: ChannelOptions = {},
) {
  let connections = 0;
  const { address } = await startTcpServer((socket) => {
    const number = ++connections;
    new FrameConnection(socket, preface.length, (frame, connection) => onFrame(frame, connection, number)).send(
      ...first(number),
    );
  });
  const channel = openChannel(address, options);
  return { channel, stub: new TestServiceStub(channel), connections: () => connections };
}

const endsRequest = ({ type, flags }: ReceivedFrame) =>
  (type === FrameType.HEADERS || type === FrameType.DATA) && (flags & Flag.END_STREAM) !== 0;

const MAX_STREAMS = 2;

test.for<Kind>(["unary", "clientStream"])(
  "%s: an answer that comes before the request has been sent frees the stream",
  async (kind) => {
    let resets = 0;
    const { channel, stub } = await startFrames(
      () => [settings({ [Setting.MAX_CONCURRENT_STREAMS]: MAX_STREAMS })],
      ({ type, stream }, connection) => {
        if (type === FrameType.HEADERS) answer({ connection, stream }, { text: "early" });
        // RFC 9113, section 8.1: a server may reset such a stream. This one does not, and gives the client no window.
        if (type === FrameType.RST_STREAM) resets += 1;
      },
    );
    const large = { data: new Uint8Array(1_000_000) };
    for (let i = 0; i < 2 * MAX_STREAMS; i++) {
      const response =
        kind === "unary" ? stub.unary(large, { timeout: 5000 }) : stub.clientStream([large], { timeout: 5000 });
      expect(await response).toMatchObject({ text: "early" });
    }
    while (channel.snapshot().connections[0]?.streams !== 0 || resets < 2 * MAX_STREAMS) await sleep(1);
  },
);

test.for([1, 2, 4])(
  "%i servers that say at once that they will go away: the call reaches the next one",
  async (leaving) => {
    const { stub, connections } = await startFrames(
      (number) => [settings(), ...(number <= leaving ? [goaway(2 ** 31 - 1, 0)] : [])],
      (frame, connection, number) => {
        if (endsRequest(frame) && number > leaving) answer({ connection, stream: frame.stream }, { text: "answer" });
      },
    );
    expect(await stub.unary({}, { timeout: 5000 })).toMatchObject({ text: "answer" });
    expect(connections()).toBe(leaving + 1);
  },
);

test.for([
  ["refused", "departed"],
  ["departed", "refused"],
  ["departed", "departed", "refused", "departed"],
])("a call that is %s, %s, … is sent again", async (reasons) => {
  let calls = 0;
  const { stub } = await startFrames(
    () => [settings()],
    (frame, connection) => {
      if (!endsRequest(frame)) return;
      const reason = reasons[calls++];
      if (reason === undefined) answer({ connection, stream: frame.stream }, { text: "answer" });
      else connection.send(reason === "refused" ? reset(frame.stream, 7) : goaway(0, 0));
    },
  );
  expect(await stub.unary({}, { timeout: 5000 })).toMatchObject({ text: "answer" });
  expect(calls).toBe(reasons.length + 1);
});

test("idleTimeout does not close a connection on which calls wait for streams", async () => {
  let acknowledged = 0;
  const { stub, connections } = await startFrames(
    () => [settings({ [Setting.MAX_CONCURRENT_STREAMS]: 0 })],
    (frame, connection) => {
      if (endsRequest(frame)) answer({ connection, stream: frame.stream }, { text: "answer" });
      if (frame.type !== FrameType.SETTINGS || (frame.flags & Flag.ACK) === 0 || ++acknowledged > 1) return;
      setTimeout(() => connection.send(settings({ [Setting.MAX_CONCURRENT_STREAMS]: 1 })), 600);
    },
    { idleTimeout: 100 },
  );
  expect(await call(stub, "unary", { timeout: 5000 })).toMatchObject([{ text: "answer" }]);
  expect(connections()).toBe(1);
});
