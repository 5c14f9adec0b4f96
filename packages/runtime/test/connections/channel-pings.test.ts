import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import { Flag, FrameType, type Http2Frame, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, Setting, settings } from "../frames/frames.js";
import { responseFields, responseMessage, trailerFields } from "../frames/grpc.js";
import { connect, moment, rejection, startTcpServer } from "../harness.js";

// https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md

afterEach(() => void vi.useRealTimers());

/** A server that never answers the calls of its first connection. It answers pings until it freezes. */
async function startFreezing(announced: Http2Frame = settings()) {
  let frozen = false;
  const pings: number[] = [];
  const called = moment();
  let connections = 0;
  const { address } = await startTcpServer((socket) => {
    const number = ++connections;
    const write = socket.write.bind(socket);
    socket.write = ((...args: Parameters<typeof write>) => (frozen && number === 1 ? true : write(...args))) as never;
    new FrameConnection(socket, preface.length, ({ type, flags, stream }, connection) => {
      if (type === FrameType.PING && (flags & Flag.ACK) === 0) pings.push(number);
      if (type === FrameType.HEADERS) called.happens();
      if (number === 1 || (flags & Flag.END_STREAM) === 0 || (type !== FrameType.HEADERS && type !== FrameType.DATA))
        return;
      connection.send(
        headers(stream, responseFields),
        data(stream, responseMessage({ text: "answer" })),
        headers(stream, trailerFields(0), { endStream: true }),
      );
    }).send(announced);
  });
  return {
    address,
    pings,
    /** When the first call is there. */
    called: called.promise,
    freeze() {
      frozen = true;
    },
  };
}

/** Lets time pass, and lets the sockets do their work in between. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 500) {
    await vi.advanceTimersByTimeAsync(500);
    await sleep(2);
  }
}

// The sockets, and sleep(), keep the real time.
const fake = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

test("a server that does not respond loses its connection, and the next call gets another one", async () => {
  const { address, pings, called, freeze } = await startFreezing();
  fake();
  const stub = connect(address, { keepalive: { time: 10_000, timeout: 5000 } });
  const call = rejection(stub.unary({})) as Promise<GRPCError>;
  await called;
  await pass(30_000);
  expect(pings.length).toBeGreaterThanOrEqual(2);
  freeze();
  await pass(20_000);
  expect(await call).toMatchObject({
    status: Status.UNAVAILABLE,
    message: "The peer has not answered a ping within 5000 ms",
    origin: "client",
  });
  vi.useRealTimers();
  expect(await stub.unary({}, { timeout: 5000 })).toMatchObject({ text: "answer" });
});

test("a server that has frozen is noticed, although all its streams are used up by calls that are over", async () => {
  const { address, called, freeze } = await startFreezing(settings({ [Setting.MAX_CONCURRENT_STREAMS]: 1 }));
  const stub = connect(address, { keepalive: { time: 10_000, timeout: 5000 } });
  const leaving = new AbortController();
  const first = rejection(stub.unary({}, { signal: leaving.signal }));
  await called;
  freeze();
  fake();
  leaving.abort();
  await first;
  // Each of these waits for the stream of the first one: the server never confirms that it is free.
  const waiting = Array.from({ length: 3 }, () => stub.unary({}, { timeout: 60_000 }));
  await pass(30_000);
  vi.useRealTimers();
  expect(await Promise.all(waiting)).toMatchObject([{ text: "answer" }, { text: "answer" }, { text: "answer" }]);
});

test.for<[name: string, options: ChannelOptions, expected: number]>([
  ["without keepalive", {}, 0],
  ["with keepalive, but without calls", { keepalive: { time: 10_000 } }, 0],
  ["with withoutCalls", { keepalive: { time: 10_000, withoutCalls: true } }, 1],
  ["a shorter time counts as 10 s", { keepalive: { time: 1, withoutCalls: true } }, 1],
])("%s", async ([, options, expected]) => {
  const { address, pings, called } = await startFreezing();
  fake();
  const leaving = new AbortController();
  const call = rejection(connect(address, options).unary({}, { signal: leaving.signal }));
  await called;
  leaving.abort();
  await call;
  await pass(13_500);
  // On a loaded machine, a ping may still be on its way. A ping too many would come with the others.
  for (let turn = 0; pings.length < expected && turn < 1000; turn++) await sleep(2);
  expect(pings).toHaveLength(expected);
});

test.for<[what: string, options: ChannelOptions, warned: number]>([
  ["makes the channel ping half as often, with a warning", { keepalive: { time: 20_000 } }, 1],
  ["and says so to a channel without pings causes no warning", {}, 0],
])("a server that gets pings too often %s", async ([, options, warned]) => {
  const warnings: string[] = [];
  const onWarning = ({ name, message }: Error) => void (name === "GrpcKeepaliveWarning" && warnings.push(message));
  process.on("warning", onWarning);
  const calm = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 11]), Buffer.from("too_many_pings")]);
  let connections = 0;
  const { address } = await startTcpServer((socket) => {
    connections += 1;
    new FrameConnection(socket, preface.length, ({ type }, connection) => {
      if (type === FrameType.HEADERS) connection.send({ type: FrameType.GOAWAY, payload: calm });
    }).send(settings());
  });
  const stub = connect(address, options);
  const name = address.slice("http://".length);
  expect(await rejection(stub.unary({}, { timeout: 5000 }))).toMatchObject({
    status: Status.UNAVAILABLE,
    message: `${name} is going away: GOAWAY with ENHANCE_YOUR_CALM (11) (too_many_pings)`,
  });
  await sleep(10);
  process.off("warning", onWarning);
  // The server has not processed the call (the GOAWAY names no stream), so it was sent again five times.
  expect(connections).toBe(6);
  expect(warnings).toHaveLength(warned);
  for (const warning of warnings)
    expect(warning).toBe(
      `${name} closes connections with keepalive pings every 20000 ms (too_many_pings). ` +
        "The channel now sends them every 40000 ms. Set keepalive.time to what the server allows.",
    );
});
