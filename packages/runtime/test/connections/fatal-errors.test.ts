import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { encodeFrame, Flag, FrameType } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, reset, settings } from "../frames/frames.js";
import { requestFields } from "../frames/grpc.js";
import { moment, startServer } from "../harness.js";

// A client that breaks HTTP/2 in a way that ends its connection, and then leaves. In Node 20, the session then neither
// reads nor ends, and does not even notice that the client has gone.

const largeBlock = Buffer.alloc(16_000, 0x82);

const violations: Record<string, readonly Buffer[]> = {
  "HTTP/1.1": [Buffer.from("HTTP/1.1 503 Service Unavailable\r\n\r\n")],
  "bad HPACK": [
    encodeFrame({ type: FrameType.HEADERS, flags: Flag.END_HEADERS, stream: 3, payload: Buffer.alloc(6, 0xff) }),
  ],
  "a frame over 16 KiB": [encodeFrame(data(1, Buffer.alloc(20_000)))],
  "data on stream 0": [encodeFrame(data(0, Buffer.alloc(5)))],
  "a window update of 0 for the connection": [encodeFrame({ type: FrameType.WINDOW_UPDATE, payload: Buffer.alloc(4) })],
  "more data than the flow control allows": Array.from({ length: 80 }, () =>
    encodeFrame(data(1, Buffer.alloc(16_384))),
  ),
  "headers of 200 KB": [
    encodeFrame({ type: FrameType.HEADERS, stream: 3, payload: largeBlock }),
    ...Array.from({ length: 12 }, () => encodeFrame({ type: FrameType.CONTINUATION, stream: 3, payload: largeBlock })),
  ],
  "a reset of stream 0": [encodeFrame(reset(0, 8))],
};

const departures: Record<string, (connection: FrameConnection) => void> = {
  FIN: ({ socket }) => void socket.end(),
  RST: ({ socket }) => void socket.resetAndDestroy(),
};

const cases = Object.keys(violations).flatMap((violation) =>
  Object.keys(departures).map((departure) => ({ violation, departure })),
);

/** Starts a server whose handlers wait until their calls are cancelled. */
async function start(keepalive: { readonly time?: number; readonly timeout?: number }) {
  let running = 0;
  let cancelled = 0;
  const { port, server } = await startServer(
    {
      async *bidi(requests, { signal }) {
        running += 1;
        signal.addEventListener("abort", () => (cancelled += 1));
        for await (const _ of requests);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    },
    { keepalive },
  );
  return { port, server, counts: () => ({ running, cancelled }) };
}

async function breakHttp2(port: number, { violation, departure }: (typeof cases)[number]): Promise<FrameConnection> {
  const connection = await FrameConnection.connect(port);
  connection.send(settings(), headers(1, requestFields("Bidi")));
  await connection.roundTrip();
  for (const bytes of violations[violation] ?? []) connection.socket.write(bytes);
  await sleep(20);
  departures[departure]?.(connection);
  return connection;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

afterEach(() => {
  vi.useRealTimers();
});

test("200 clients that break HTTP/2 and leave take their calls and sockets with them", {
  timeout: 20_000,
}, async () => {
  const { port, server, counts } = await start({ time: 200, timeout: 200 });
  const clients = Array.from({ length: 200 }, (_, n) => cases[n % cases.length] as (typeof cases)[number]);
  await Promise.all(clients.map((each) => breakHttp2(port, each)));
  await vi.waitFor(() => expect(counts()).toEqual({ running: 200, cancelled: 200 }), { timeout: 5_000 });
  await vi.waitFor(() => expect(server.connections).toMatchObject({ open: 0, connecting: 0, accepted: 200 }));
});

test.for(cases)(
  "by default, a client that sends $violation and leaves with $departure is gone in seconds",
  async (each) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { port, server, counts } = await start({});
    const connection = await breakHttp2(port, each);
    onTestFinished(() => void connection.socket.destroy());
    for (let seconds = 0; seconds < 10; seconds++) {
      vi.advanceTimersByTime(1000);
      await turns();
    }
    vi.useRealTimers();
    await vi.waitFor(() => expect(counts()).toEqual({ running: 1, cancelled: 1 }));
    await vi.waitFor(() => expect(server.connections.open).toBe(0));
  },
);

test("a server that has closed lets go too", async () => {
  const { port, server, counts } = await start({ time: 100, timeout: 100 });
  const connection = await FrameConnection.connect(port);
  onTestFinished(() => void connection.socket.destroy());
  connection.send(settings(), headers(1, requestFields("Bidi")));
  await connection.roundTrip();
  const closing = moment();
  void server.close({ grace: 60_000 }).then(closing.happens);
  await connection.roundTrip();
  await sleep(50);
  connection.socket.write(violations["HTTP/1.1"]?.[0] ?? "");
  await sleep(20);
  connection.socket.end();
  await closing.promise;
  expect(counts()).toEqual({ running: 1, cancelled: 1 });
});
