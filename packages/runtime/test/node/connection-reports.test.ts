import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test, vi } from "vitest";
import { selfSigned } from "../calls/certificate.js";
import { handleAll } from "../calls/kinds.js";
import { encodeFrame, FrameType, preface } from "../frames/frame.js";
import { startServer } from "../harness.js";

// What a server reports of clients that connect to it, but make no call.

const tls = selfSigned();

const plainClient = (port: number) => connectTcp(port, "127.0.0.1").on("error", () => {});

const sends =
  (...chunks: (string | Buffer)[]) =>
  (port: number): Socket => {
    const socket = plainClient(port);
    for (const chunk of chunks) socket.write(chunk);
    return socket;
  };

const http1 = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const settings = encodeFrame({ type: FrameType.SETTINGS });
/** For nghttp2 this is an error: it names a stream that the server has not opened. */
const goaway = encodeFrame({ type: FrameType.GOAWAY, payload: Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0) });
/** Settings have a multiple of six bytes. */
const invalid = encodeFrame({ type: FrameType.SETTINGS, payload: new Uint8Array(1) });

const doesNotSpeakHttp2 = "The client does not speak HTTP/2, or it uses TLS on a port without TLS.";
const doesNotUseTls = "The client does not use TLS. It has to connect to an https:// address.";

interface Client {
  readonly secure?: boolean;
  readonly connect: (port: number) => Socket;
  /** Whether the client resets its connection instead of ending it. */
  readonly resets?: boolean;
  readonly report?: string;
}

const clients: Record<string, Client> = {
  "connects and leaves, as a health check": { connect: plainClient },
  "connects and resets the connection": { connect: plainClient, resets: true },
  "connects to a port with TLS and leaves": { secure: true, connect: plainClient },
  "connects to a port with TLS and resets the connection": { secure: true, connect: plainClient, resets: true },
  "sends its settings and leaves": { connect: sends(preface, settings) },
  "sends a GOAWAY and leaves, as grpc-go": { connect: sends(preface, settings, goaway) },
  "sends its settings, and then breaks HTTP/2": { connect: sends(preface, settings, invalid) },
  "uses HTTP/1.1": { connect: sends(http1), report: doesNotSpeakHttp2 },
  "uses TLS on a port without": {
    connect: (port) => connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }).on("error", () => {}),
    report: doesNotSpeakHttp2,
  },
  "uses HTTP/1.1 on a port with TLS": { secure: true, connect: sends(http1), report: doesNotUseTls },
  "uses HTTP/2 without TLS on a port with TLS": {
    secure: true,
    connect: sends(preface, settings),
    report: doesNotUseTls,
  },
  "does not trust the certificate": {
    secure: true,
    connect: (port) => connectTls({ port, host: "127.0.0.1", ALPNProtocols: ["h2"] }).on("error", () => {}),
  },
};

const peer = expect.stringMatching(/^127\.0\.0\.1:\d+$/);

test.for(Object.entries(clients))("a client that %s", async ([, { secure, connect, resets, report }]) => {
  const { port, reports } = await startServer(
    handleAll(() => ({})),
    secure ? { listen: { tls } } : {},
  );
  const socket = connect(port);
  onTestFinished(() => void socket.destroy());
  const expected = report === undefined ? [] : [{ error: `Error: ${report}`, info: { peer } }];
  const seen = report === undefined ? [] : [await reports.next()];
  if (report === undefined) await sleep(50);
  expect(seen.map(({ error, info }) => ({ error: String(error), info }))).toEqual(expected);
  if (resets) socket.resetAndDestroy();
  else socket.end();
  await sleep(50);
  expect(reports.take()).toEqual([]);
});

test("the default onError prints such an error in one line", async () => {
  const print = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => print.mockRestore());
  const { port } = await startServer({}, { onError: undefined });
  const socket = sends(http1)(port);
  onTestFinished(() => void socket.destroy());
  await vi.waitFor(() => expect(print).toHaveBeenCalledOnce());
  const [title, error] = print.mock.calls[0] as [string, Error];
  expect(title).toMatch(/^grpclib-ts: error on the connection from 127\.0\.0\.1:\d+:$/);
  expect(error.stack).toBe(`Error: ${doesNotSpeakHttp2}`);
});
