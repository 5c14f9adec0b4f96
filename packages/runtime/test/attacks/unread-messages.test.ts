// Messages that nobody reads must take no more memory than the bytes that the peer has sent, however large they would
// be once decoded. If they were decoded on arrival, 1,000 streams of empty messages would take 1.3 GB, and 300
// streams of compressed ones 3.4 GB.
import { once } from "node:events";
import type { ClientHttp2Stream, Http2Stream } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import type { Kind } from "../calls/kinds.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { frame, paths, RawClient } from "../peers/raw-client.js";
import { startPeer } from "../peers/raw-server.js";
import { compilePrograms } from "./compile.js";
import { unharmed, Victim } from "./victim.js";

const folder = compilePrograms();

/** The number of round trips, each followed by 50 ms, after which a victim has started, or processed its messages. */
const STARTING = 2;
const SETTLING = 10;

/** The process ends if its objects need more than 128 MB, if only for a moment. */
const smallHeap = ["--max-old-space-size=128"];

const MIB = 1024 * 1024;
const large = create(TestRequestSchema, { data: new Uint8Array(4 * MIB - 10) });
const compressed = frame(gzipSync(toBinary(TestRequestSchema, large)), 1);
const empty = Buffer.concat(Array.from({ length: 3276 }, () => frame()));
const nested = (count: number) => Buffer.concat(Array.from({ length: count }, () => compressed));

/** The data sent on each stream. */
interface Body {
  readonly body: Uint8Array;
  /** The size of DATA frames. */
  readonly frameBytes?: number;
}

interface Row extends Body {
  readonly title: string;
  readonly kind: Kind;
  readonly streams: number;
}

const rows: Row[] = [
  { title: "16 KB of empty messages", kind: "bidi", streams: 1000, body: empty },
  { title: "16 KB of empty messages", kind: "clientStream", streams: 1000, body: empty },
  { title: "4 messages of 4 MiB in gzip", kind: "bidi", streams: 300, body: nested(4) },
  { title: "4 messages of 4 MiB in gzip", kind: "clientStream", streams: 300, body: nested(4) },
  { title: "a message of 4 MiB in gzip, without an end", kind: "unary", streams: 1000, body: nested(1) },
  { title: "a message of 4 MiB in gzip, without an end", kind: "serverStream", streams: 1000, body: nested(1) },
  { title: "8 KB in frames of 8 bytes", kind: "bidi", streams: 100, body: empty.subarray(0, 8192), frameBytes: 8 },
];

test.for(rows)("$streams streams with $title, a server ($kind)", async ({ kind, streams: count, ...row }) => {
  const measured = await measureServer(kind, count, (stream) => write(stream, row), smallHeap);
  expectBounded(measured, { count, ...row });
});

test.for(rows.filter(({ kind }) => kind === "bidi" || kind === "serverStream"))(
  "$streams streams with $title, a client ($kind)",
  async ({ kind, streams: count, ...row }) => {
    const peer = await startPeer((stream) => {
      stream.respond({ "content-type": "application/grpc", "grpc-encoding": "gzip" });
      stream.write(frame());
    });
    const victim = new Victim(folder, "unread-client", [peer.address, kind, `${count}`], smallHeap);
    expect(await victim.line()).toBe("ready");
    const ping = () => new Promise((resolve) => peer.sessions[0]?.ping(resolve));
    const before = await measure(victim, ping, STARTING);
    for (const stream of peer.streams) write(stream, row);
    const after = await measure(victim, ping, SETTLING);
    victim.end();
    expect(await victim.exit()).toEqual(unharmed);
    expectBounded({ before, after }, { count, ...row });
  },
);

// These handlers have received their requests, which count decompressed. The limit is 64 MiB per connection. Without
// it, they take 840 MB.
test.for(["unary", "serverStream"] as const)(
  "200 calls with a request of 4 MiB in gzip, whose handlers do not end: %s",
  async (kind) => {
    const { before, after } = await measureServer(kind, 200, (stream) => stream.end(compressed));
    expect(after.megabytes - before.megabytes).toBeGreaterThan(60);
    // This includes the memory of zlib itself.
    expect(after.megabytes - before.megabytes).toBeLessThan(130);
  },
);

// Their decompression continues when the connections are gone, so it is limited for all connections together. With a
// limit for each of them, they take 650 MB.
test("40 connections with 15 requests of 4 MiB in gzip each, which leave at once", async () => {
  const victim = new Victim(folder, "unread-server");
  const address = `http://127.0.0.1:${await victim.line()}`;
  const observer = new RawClient(address);
  const ping = (client: RawClient) => new Promise((resolve) => client.session.ping(resolve));
  const before = await measure(victim, () => ping(observer), STARTING);
  const clients = Array.from({ length: 40 }, () => new RawClient(address));
  const request = { headers: { "grpc-encoding": "gzip" }, body: [compressed] };
  const streams = clients.flatMap((client) => Array.from({ length: 15 }, () => client.open(request)));
  await Promise.all(streams.map((stream) => once(stream, "finish")));
  await Promise.all(clients.map(ping));
  for (const { socket } of clients) socket.destroy();
  const after = await measure(victim, () => ping(observer), SETTLING);
  victim.end();
  expect(await victim.exit()).toEqual(unharmed);
  expect(after.megabytes - before.megabytes).toBeLessThan(130);
});

// A field that is not in the schema is two bytes long and becomes an object. Each call takes 310 MB.
test.for(["unary", "serverStream"] as const)(
  "8 calls with a request of two million fields in gzip, whose handlers do not end: %s",
  async (kind) => {
    const fields = frame(gzipSync(new Uint8Array(4 * MIB - 10).map((_, index) => (index % 2 === 0 ? 0x78 : 0))), 1);
    const { before, after } = await measureServer(kind, 8, (stream) => stream.end(fields));
    expect(after.megabytes - before.megabytes).toBeGreaterThan(250);
    expect(after.megabytes - before.megabytes).toBeLessThan(500);
  },
);

interface Measured {
  readonly megabytes: number;
  readonly stallMs: number;
}

/** Waits until a victim has received and processed everything, and measures it. */
async function measure(victim: Victim, ping: () => Promise<unknown>, rounds: number): Promise<Measured> {
  for (let round = 0; round < rounds; round++) {
    await ping();
    await sleep(50);
  }
  victim.send("measure");
  return JSON.parse(await victim.line());
}

/** Opens streams, runs a function for each of them, and measures the server before and after. */
async function measureServer(
  kind: Kind,
  count: number,
  act: (stream: ClientHttp2Stream) => void,
  nodeOptions: readonly string[] = [],
) {
  const victim = new Victim(folder, "unread-server", [], nodeOptions);
  const client = new RawClient(`http://127.0.0.1:${await victim.line()}`);
  const ping = () => new Promise((resolve) => client.session.ping(resolve));
  const headers = { ":path": paths[kind], "grpc-encoding": "gzip" };
  const streams = Array.from({ length: count }, () => client.open({ headers, body: [], end: false }));
  const before = await measure(victim, ping, STARTING);
  for (const stream of streams) act(stream);
  const after = await measure(victim, ping, SETTLING);
  await client.close();
  victim.end();
  expect(await victim.exit()).toEqual(unharmed);
  return { before, after };
}

function write(stream: Http2Stream, { body, frameBytes = 16_384 }: Body): void {
  for (let start = 0; start < body.length; start += frameBytes) stream.write(body.subarray(start, start + frameBytes));
}

interface Both {
  readonly before: Measured;
  readonly after: Measured;
}

function expectBounded({ before, after }: Both, { count, body, frameBytes = 16_384 }: Body & { count: number }): void {
  const sentMegabytes = (count * body.length * (1 + 9 / frameBytes)) / 1e6;
  expect(after.megabytes - before.megabytes).toBeLessThan(3 * sentMegabytes);
  expect(after.stallMs).toBeLessThan(50);
}
