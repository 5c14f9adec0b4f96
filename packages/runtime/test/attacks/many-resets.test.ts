// nghttp2 cuts the connection of a client that resets too many streams: it sends a GOAWAY with an error, on which many
// clients end all their calls, and on Node 20 the socket then stays in CLOSE-WAIT for good. The server has to close the
// connection before.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { GRPCError, type ServerContext, Status } from "../../src/index.js";
import { selfSigned } from "../calls/certificate.js";
import { Flag, FrameType, type Http2Frame, type ReceivedFrame } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, reset, Setting, settings, windowUpdate } from "../frames/frames.js";
import { requestFields, requestMessage } from "../frames/grpc.js";
import type { Field } from "../frames/hpack.js";
import { moment, rejection, startPairOnNetwork, startServer } from "../harness.js";

// The limits of Node 20 on all versions of Node: ten times as many resets would take long.
vi.mock(import("../../src/http2/reset-budget.js"), async (original) => {
  return { ...(await original()), RESET_LIMITS: { burst: 1000, perSecond: 33 } };
});

/** More resets than the limits allow, even on a slow machine. */
const MAX_RESETS = 5000;
/** Streams that are open at a time, besides the call in flight. */
const BATCH = 300;

/** A server whose handlers record the numbers of their streams, and a connection to it. */
async function start() {
  const finish = moment();
  const seen = { started: [] as number[], answered: [] as number[], goaways: [] as { last: number; code: number }[] };
  const stopped = moment();
  const { port, server } = await startServer({
    async unary({ text }, { signal }) {
      seen.started.push(Number(text));
      await once(signal, "abort");
      throw signal.reason;
    },
    async *serverStream({ text }) {
      seen.started.push(Number(text));
      // More than the client takes, so that the response is still being written when the stream is reset.
      yield { data: new Uint8Array(100_000) };
    },
    async clientStream() {
      await finish.promise;
      return {};
    },
    async *bidi() {
      throw new GRPCError(Status.NOT_FOUND, "It fails at once");
    },
  });
  const onFrame = ({ type, stream, flags, payload }: ReceivedFrame) => {
    const view = Buffer.from(payload);
    if (type === FrameType.GOAWAY) seen.goaways.push({ last: view.readUInt32BE(0), code: view.readUInt32BE(4) });
    if (seen.goaways.length === 2) stopped.happens();
    if (type === FrameType.HEADERS && (flags & Flag.END_STREAM) !== 0) seen.answered.push(stream);
  };
  const connection = await FrameConnection.connect(port, undefined, onFrame);
  connection.send(settings({ [Setting.INITIAL_WINDOW_SIZE]: 100 }), windowUpdate(0, 2 ** 30));
  return { connection, server, finish: finish.happens, stopped: stopped.promise, seen };
}

interface Resets {
  readonly method: string;
  readonly metadata?: readonly Field[];
  /** Whether the request ends before the reset. */
  readonly complete: boolean;
  readonly code: number;
  readonly when: "at once" | "while the handler works" | "after the answer";
}

const atOnce: Resets = { method: "Unary", complete: true, code: 8, when: "at once" };

const kinds: readonly Resets[] = [
  atOnce,
  { method: "Unary", complete: true, code: 8, when: "while the handler works" },
  { method: "Unary", complete: true, code: 11, when: "while the handler works" },
  { method: "Unary", complete: false, code: 0, when: "while the handler works" },
  // The response is still being written.
  { method: "ServerStream", complete: true, code: 8, when: "while the handler works" },
  // The answer does not wait for the request to end.
  { method: "Bidi", complete: false, code: 0, when: "after the answer" },
  { method: "Unknown", complete: false, code: 8, when: "after the answer" },
  { method: "Unary", complete: true, metadata: [["grpc-timeout", "1m"]], code: 8, when: "after the answer" },
];

/** Opens and resets streams until the server sends a GOAWAY. */
async function resetMany(
  { connection, seen }: Awaited<ReturnType<typeof start>>,
  { method, metadata = [], complete, code, when }: Resets,
): Promise<void> {
  for (let opened = 0; opened < MAX_RESETS && seen.goaways.length === 0; opened += BATCH) {
    const streams = Array.from({ length: BATCH }, (_, index) => 3 + 2 * (opened + index));
    const open = (stream: number): Http2Frame[] => [
      headers(stream, requestFields(method, metadata)),
      ...(complete ? [data(stream, requestMessage({ text: `${stream}` }), { endStream: true })] : []),
    ];
    const resetOf = (stream: number) => reset(stream, code);
    if (when === "at once") connection.send(...streams.flatMap((stream) => [...open(stream), resetOf(stream)]));
    else connection.send(...streams.flatMap(open));
    if (when === "after the answer") {
      await vi.waitUntil(() => seen.answered.length === opened + BATCH, { timeout: 10_000 });
    } else await connection.roundTrip();
    if (when !== "at once") connection.send(...streams.map(resetOf));
    await connection.roundTrip();
  }
  // The second GOAWAY follows in the next turn of the server.
  await connection.roundTrip();
}

describe("a client that resets many streams", () => {
  test.for(kinds)("keeps its call in flight: $method (complete: $complete) reset with $code $when", async (resets) => {
    const client = await start();
    const { connection, finish, seen } = client;
    connection.send(headers(1, requestFields("ClientStream")));
    await resetMany(client, resets);
    // A third one follows when the connection is closed.
    expect(seen.goaways.slice(0, 2)).toEqual([
      { last: 2 ** 31 - 1, code: 0 },
      { last: expect.any(Number), code: 0 },
    ]);
    // The client may repeat later streams, so no handler may have started for them.
    expect(Math.max(0, ...seen.started)).toBeLessThanOrEqual(seen.goaways[1]?.last ?? 0);
    expect(seen.answered).not.toContain(1);
    finish();
    await vi.waitUntil(() => seen.answered.includes(1), { timeout: 10_000 });
  });

  test.for(["end", "resetAndDestroy"] as const)(
    "leaves no socket behind when it disconnects with %s()",
    async (leave) => {
      const client = await start();
      await resetMany(client, atOnce);
      client.connection.socket[leave]();
      const sockets = () => process.getActiveResourcesInfo();
      await expect.poll(sockets, { timeout: 5000 }).not.toContain("TCPSocketWrap");
    },
  );

  // At once, a client that waits for the end could go on as if there were no limit.
  test("gets the GOAWAYs at once, but the end of its connection later", async () => {
    const { connection, finish, stopped, seen } = await start();
    const call = (stream: number, method: string) => headers(stream, requestFields(method));
    connection.send(call(1, "ClientStream"));
    for (let last = 3; last < 2 * MAX_RESETS && seen.goaways.length === 0; last += 2 * BATCH) {
      const streams = Array.from({ length: BATCH }, (_, index) => last + 2 * index);
      // Behind every tenth reset is a call, so there are some in the packet that exceeds the limit.
      const frames = streams.flatMap((stream, index) =>
        index % 10 === 9
          ? [call(stream, "Unary"), data(stream, requestMessage({ text: `${stream}` }), { endStream: true })]
          : [call(stream, "Bidi"), reset(stream, atOnce.code)],
      );
      connection.send(...frames);
      await Promise.race([connection.roundTrip(), stopped]);
    }
    await stopped;
    const begin = performance.now();
    const { last = 0 } = seen.goaways[1] ?? {};
    expect(seen.started.length).toBeGreaterThan(0);
    expect(Math.max(...seen.started)).toBeLessThanOrEqual(last);
    await vi.waitUntil(() => seen.goaways.length > 2, { timeout: 10_000 });
    expect(performance.now() - begin).toBeGreaterThan(500);
    for (const stream of seen.started) connection.send(reset(stream, atOnce.code));
    finish();
    await connection.closed;
    expect(seen.answered).toContain(1);
  });

  // The socket of TLS passes on a packet in parts. While the answer to one of them is being written, Node keeps the rest,
  // and processes it when the second GOAWAY has already been made.
  test("has no call run that the second GOAWAY rules out, over TLS with a response that it does not read", async () => {
    const tls = selfSigned();
    const started: number[] = [];
    const goaways: number[] = [];
    const wait = async ({ signal }: ServerContext) => {
      await once(signal, "abort");
      throw signal.reason;
    };
    const { port } = await startServer(
      {
        async unary({ text }, context) {
          started.push(Number(text));
          return await wait(context);
        },
        async *serverStream() {
          yield { data: new Uint8Array(24 * 1024 * 1024) };
        },
        clientStream: async (_requests, context) => await wait(context),
      },
      { listen: { tls } },
    );
    const onFrame = ({ type, payload }: ReceivedFrame) => {
      if (type === FrameType.GOAWAY) goaways.push(Buffer.from(payload).readUInt32BE(0));
    };
    const connection = await FrameConnection.connect(port, tls.cert, onFrame);
    const call = (stream: number, method: string) => headers(stream, requestFields(method));
    let next = 5;
    const resets = (count: number) =>
      Array.from({ length: count }, () => {
        const stream = next;
        next += 2;
        return [call(stream, "Unary"), reset(stream, atOnce.code)];
      }).flat();
    connection.send(settings({ [Setting.INITIAL_WINDOW_SIZE]: 0 }), windowUpdate(0, 2 ** 30));
    connection.send(call(1, "ServerStream"), data(1, requestMessage(), { endStream: true }), call(3, "ClientStream"));
    for (let batch = 0; batch < 8; batch++) {
      connection.send(...resets(110));
      await connection.roundTrip();
    }
    expect(goaways).toEqual([]);
    connection.socket.pause();
    const window = windowUpdate(1, 2 ** 29);
    // Fills the first record of TLS. Frames of an unknown type are ignored.
    const filler: Http2Frame = { type: 0xfa, stream: 0, payload: Buffer.alloc(16_384 - 13 - 9) };
    const rest = resets(100);
    const late = [call(next, "Unary"), data(next, requestMessage({ text: `${next}` }), { endStream: true })];
    connection.send(window, filler, ...rest, data(3, Buffer.of(0)), ...late);
    await sleep(500);
    connection.socket.resume();
    await vi.waitUntil(() => goaways.length > 2, { timeout: 10_000 });
    expect(Math.max(0, ...started)).toBeLessThanOrEqual(goaways[1] ?? 0);
    // A refused stream does not keep the connection open. Node 26 processes the whole packet before the GOAWAY.
    for (const stream of [1, 3, ...started]) connection.send(reset(stream, atOnce.code));
    await connection.closed;
  });

  test("does not delay the end of the server", async () => {
    const { connection, server, stopped } = await start();
    const streams = Array.from({ length: MAX_RESETS }, (_, index) => 2 * index + 1);
    const fields = requestFields("ClientStream");
    connection.send(...streams.flatMap((stream) => [headers(stream, fields), reset(stream, atOnce.code)]));
    await stopped;
    const begin = performance.now();
    await server.close();
    expect(performance.now() - begin).toBeLessThan(700);
  });
});

test("a channel reconnects, and its call in flight finishes", async () => {
  const finish = moment();
  let waiting = 0;
  let allWait = () => {};
  const { stub } = await startPairOnNetwork({
    async unary({ text }, { peer, signal }) {
      if (text === "wait") {
        waiting += 1;
        if (waiting % BATCH === 0) allWait();
        await once(signal, "abort");
      }
      return { text: peer };
    },
    async clientStream(_requests, { peer }) {
      await finish.promise;
      return { text: peer };
    },
  });
  const inFlight = stub.clientStream([]);
  const first = (await stub.unary({})).text;
  let peer = first;
  while (waiting < MAX_RESETS && peer === first) {
    const started = moment();
    allWait = started.happens;
    const controller = new AbortController();
    const calls = Array.from({ length: BATCH }, () => rejection(stub.unary({ text: "wait" }, controller)));
    await started.promise;
    controller.abort();
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ status: Status.CANCELLED });
    // A call that meets the GOAWAY on its way is refused.
    peer = await stub.unary({}).then(
      ({ text }) => text,
      () => peer,
    );
  }
  expect(peer).not.toBe(first);
  finish.happens();
  expect(await inFlight).toMatchObject({ text: first });
});
