import { Buffer } from "node:buffer";
import { create, isMessage, type Message, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Compression } from "../../src/core/compression.js";
import { Status } from "../../src/core/status.js";
import type { CallFailure } from "../../src/errors/call-end.js";
import { codings } from "../../src/http2/codings.js";
import { MemoryBudget, type MessageMemory } from "../../src/http2/memory-budget.js";
import { MessageReader } from "../../src/http2/message-reader.js";
import { type TestRequest, TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { encodeFrame } from "../wire/encode-frame.js";

const LIMIT = 1000;
/** A message that is cut off after the length of a field. */
const corrupt = Buffer.of(0, 0, 0, 0, 2, 0x0a, 0x05);

const first = create(TestRequestSchema, { text: "first", number: 1, data: Uint8Array.of(1, 2, 3) });
const second = create(TestRequestSchema, { text: "second" });

function frame(message: TestRequest): Buffer {
  return Buffer.from(encodeFrame(toBinary(TestRequestSchema, message)));
}

function compressed(message: TestRequest, compression: "gzip" | "deflate"): Buffer {
  const bytes = codings[compression]?.compress(toBinary(TestRequestSchema, message)) ?? Buffer.of();
  return Buffer.from(encodeFrame(bytes, true));
}

/** A reader whose sink pulls all messages. `push()` and `end()` return the failure, if there is one. */
function startReader(maxBytes: number = LIMIT, encoding: Compression = "identity") {
  const messages: Message[] = [];
  let failure: CallFailure | undefined;
  let answered = true;
  const reader = new MessageReader(
    { schema: TestRequestSchema, maxBytes, single: false },
    {
      memory: undefined,
      onMessage(message) {
        messages.push(message);
        answered = true;
      },
      onMessagesEnd(end) {
        failure = end;
      },
      pause() {},
      resume() {},
      onBroken(error) {
        throw error;
      },
    },
  );
  reader.encoding = encoding;
  const pullAll = () => {
    while (answered) {
      answered = false;
      reader.pull();
    }
    return failure;
  };
  pullAll();
  const push = (chunk: Buffer) => {
    reader.push(chunk);
    return pullAll();
  };
  const end = () => {
    reader.end();
    return pullAll();
  };
  return { reader: { push, end }, messages };
}

describe("a reader", () => {
  test("decodes messages in order", () => {
    const { reader, messages } = startReader();
    expect(reader.push(Buffer.concat([frame(first), frame(second)]))).toBeUndefined();
    expect(reader.end()).toBeUndefined();
    expect(messages).toEqual([first, second]);
  });

  test("decodes an empty message", () => {
    const { reader, messages } = startReader();
    reader.push(Buffer.alloc(5));
    expect(messages).toEqual([create(TestRequestSchema)]);
  });

  test("accepts an empty stream", () => {
    expect(startReader().reader.end()).toBeUndefined();
  });

  test("copies small messages out of a large chunk, each with its own bytes", () => {
    const { reader, messages } = startReader();
    const sent = Array.from({ length: 1000 }, (_, i) => create(TestRequestSchema, { data: Uint8Array.of(i, i + 1) }));
    const chunk = Buffer.concat(sent.map(frame));
    reader.push(chunk);
    chunk.fill(0);
    expect(messages).toEqual(sent);
    for (const { data } of messages as TestRequest[]) expect(data).not.toBeInstanceOf(Buffer);
  });

  test("decodes bytes fields to plain Uint8Arrays, not Buffers", () => {
    const { reader, messages } = startReader();
    // Like a large chunk, this Buffer has its own memory, so a message in it is not copied.
    const bytes = Buffer.alloc(frame(first).length, frame(first));
    reader.push(bytes);
    reader.push(bytes.subarray(0, 7));
    reader.push(bytes.subarray(7));
    expect(messages.map((message) => (message as TestRequest).data.constructor)).toEqual([Uint8Array, Uint8Array]);
    expect(messages).toEqual([first, first]);
  });

  test("reads chunks that lie in a larger buffer", () => {
    const { reader, messages } = startReader();
    const pool = Buffer.alloc(1000, 0xff);
    frame(first).copy(pool, 100);
    reader.push(pool.subarray(100, 100 + frame(first).length));
    expect(messages).toEqual([first]);
  });

  test("reads messages in any chunks", () => {
    const stream = Buffer.concat([frame(first), Buffer.alloc(5), frame(second)]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const { reader, messages } = startReader();
        const ends = [...cuts, stream.length].sort((a, b) => a - b);
        const failures = ends.map((end, i) => reader.push(stream.subarray(ends[i - 1] ?? 0, end)));
        expect([...failures, reader.end()].filter((failure) => failure !== undefined)).toEqual([]);
        expect(messages).toEqual([first, create(TestRequestSchema), second]);
      }),
      { numRuns: 10_000 },
    );
  });

  test("never throws for invalid bytes, but reports what is wrong with them", () => {
    const known =
      /^(Cannot decode|A message of .* over the limit|A message is compressed|Invalid frame flags|The stream ended)/;
    const message = fc.uint8Array({ maxLength: 20 }).map((bytes) => encodeFrame(bytes));
    fc.assert(
      fc.property(fc.array(fc.oneof(message, fc.uint8Array({ maxLength: 20 }))), (chunks) => {
        const { reader } = startReader();
        const failures = chunks.map((chunk) => reader.push(Buffer.from(chunk)));
        const failure = [...failures, reader.end()].find((each) => each !== undefined);
        expect(reader.end()).toBe(failure);
        expect(failure?.message ?? "The stream ended").toMatch(known);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("a failure", () => {
  const full = frame(first);

  test.for<[title: string, chunk: Buffer, failure: object]>([
    [
      "is reported for a message that cannot be decoded",
      corrupt,
      { status: Status.INTERNAL, message: "Cannot decode test.v1.TestRequest", cause: expect.any(Error) },
    ],
    [
      "is reported for a message over the limit, as soon as its prefix has arrived",
      Buffer.of(0, 0, 0, 3, 0xe9),
      {
        status: Status.RESOURCE_EXHAUSTED,
        message: "A message of 1001 bytes is over the limit of 1000 (maxReceiveMessageBytes)",
      },
    ],
    [
      "is reported for a compressed message without grpc-encoding",
      Buffer.of(1, 0, 0, 0, 0),
      { status: Status.INTERNAL, message: 'A message is compressed, but grpc-encoding is missing or "identity"' },
    ],
    [
      "is reported for reserved flags",
      Buffer.of(0x80, 0, 0, 0, 0),
      { status: Status.INTERNAL, message: "Invalid frame flags 128" },
    ],
  ])("%s", ([, chunk, failure]) => {
    const { reader, messages } = startReader();
    expect(reader.push(Buffer.concat([full, chunk]))).toMatchObject(failure);
    expect(messages).toEqual([first]);
  });

  test("is not reported for a message of exactly the limit", () => {
    const { reader, messages } = startReader(full.length - 5);
    expect(reader.push(full)).toBeUndefined();
    expect(messages).toEqual([first]);
  });

  test("to decode a message has the decoder's error as its cause", () => {
    expect(startReader().reader.push(corrupt)).toMatchObject({ cause: expect.any(Error) });
  });

  test.for([
    ["within the prefix", 1],
    ["after the prefix", 5],
    ["within the message", 8],
    ["before the last byte", full.length - 1],
  ] as const)("is reported when the stream ends within a frame: %s", ([, length]) => {
    const { reader } = startReader();
    expect(reader.push(full.subarray(0, length))).toBeUndefined();
    expect(reader.end()).toEqual({ status: Status.INTERNAL, message: "The stream ended within a message" });
  });

  test.for<[title: string, chunk: Buffer]>([
    ["cannot be decoded", corrupt],
    ["is over the limit", Buffer.of(0, 0, 0, 3, 0xe9)],
  ])("ends reading: nothing is read after a message that %s", ([, chunk]) => {
    const { reader, messages } = startReader();
    const failure = reader.push(Buffer.concat([chunk, full]));
    expect(failure).toBeDefined();
    expect(reader.push(full)).toBe(failure);
    expect(reader.push(Buffer.of(1, 0, 0, 0, 0))).toBe(failure);
    expect(reader.end()).toBe(failure);
    expect(messages).toEqual([]);
  });

  test("is the first one if a chunk has two", () => {
    const { reader } = startReader();
    expect(reader.push(Buffer.concat([corrupt, Buffer.of(1, 0, 0, 0, 0)]))?.message).toMatch(/^Cannot decode/);
  });
});

describe.for(["gzip", "deflate"] as const)("messages compressed with %s", (compression) => {
  const large = create(TestRequestSchema, { data: new Uint8Array(1000) });
  const largeBytes = toBinary(TestRequestSchema, large).length;

  const startCompressed = (limit?: number) => startReader(limit, compression);

  test("are read in order, mixed with uncompressed ones", () => {
    const { reader, messages } = startCompressed(2000);
    const chunk = Buffer.concat([
      frame(first),
      compressed(large, compression),
      Buffer.alloc(5),
      compressed(first, compression),
      compressed(create(TestRequestSchema), compression),
      frame(second),
    ]);
    expect(reader.push(chunk)).toBeUndefined();
    expect(reader.end()).toBeUndefined();
    const empty = create(TestRequestSchema);
    expect(messages).toEqual([first, large, empty, first, empty, second]);
  });

  test("have plain Uint8Arrays in their bytes fields", () => {
    const { reader, messages } = startCompressed();
    reader.push(compressed(first, compression));
    expect(messages.map((message) => (message as TestRequest).data.constructor)).toEqual([Uint8Array]);
  });

  test("may have exactly the limit after decompression", () => {
    const { reader, messages } = startCompressed(largeBytes);
    expect(reader.push(compressed(large, compression))).toBeUndefined();
    expect(messages).toEqual([large]);
  });

  test("may be longer than the limit before decompression", () => {
    const { reader, messages } = startCompressed(frame(second).length - 5);
    expect(compressed(second, compression).length).toBeGreaterThan(frame(second).length);
    expect(reader.push(compressed(second, compression))).toBeUndefined();
    expect(messages).toEqual([second]);
  });

  test.for<[title: string, limit: number, chunk: Buffer, failure: object]>([
    [
      "over the limit",
      largeBytes - 1,
      compressed(large, compression),
      {
        status: Status.RESOURCE_EXHAUSTED,
        message: `A decompressed message is over the limit of ${largeBytes - 1} (maxReceiveMessageBytes)`,
      },
    ],
    [
      "corrupt",
      LIMIT,
      Buffer.from(encodeFrame(Uint8Array.of(1, 2, 3), true)),
      {
        status: Status.INTERNAL,
        message: "Cannot decompress a message",
        cause: expect.any(Error),
      },
    ],
    [
      "cut off",
      LIMIT,
      Buffer.from(encodeFrame(compressed(first, compression).subarray(5, -6), true)),
      { status: Status.INTERNAL, message: "Cannot decompress a message", cause: expect.any(Error) },
    ],
    [
      "empty",
      LIMIT,
      Buffer.of(1, 0, 0, 0, 0),
      { status: Status.INTERNAL, message: "Cannot decompress a message", cause: expect.any(Error) },
    ],
    [
      "correctly compressed but cannot be decoded",
      LIMIT,
      Buffer.from(encodeFrame(codings[compression]?.compress(corrupt.subarray(5)) ?? Buffer.of(), true)),
      { status: Status.INTERNAL, message: "Cannot decode test.v1.TestRequest", cause: expect.any(Error) },
    ],
  ])("end reading if they are %s", ([, limit, chunk, expected]) => {
    const { reader, messages } = startCompressed(limit);
    const good = compressed(first, compression);
    const failure = reader.push(Buffer.concat([good, chunk, frame(second), good]));
    expect(failure).toMatchObject(expected);
    expect(reader.push(Buffer.concat([frame(second), good]))).toBe(failure);
    expect(reader.end()).toBe(failure);
    expect(messages).toEqual([first]);
  });

  test("are not decompressed after one of them has failed", () => {
    const { reader } = startCompressed(largeBytes - 1);
    const tooLarge = compressed(large, compression);
    const corruptFrame = encodeFrame(Uint8Array.of(1, 2, 3), true);
    expect(reader.push(Buffer.concat([tooLarge, corruptFrame]))).toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
    const other = startCompressed(largeBytes - 1).reader;
    expect(other.push(Buffer.concat([corruptFrame, tooLarge]))).toMatchObject({ status: Status.INTERNAL });
  });

  test("are an error without grpc-encoding, and with the wrong one", () => {
    const { reader, messages } = startReader();
    expect(reader.push(Buffer.concat([frame(first), compressed(first, compression), frame(second)]))).toEqual({
      status: Status.INTERNAL,
      message: 'A message is compressed, but grpc-encoding is missing or "identity"',
    });
    expect(messages).toEqual([first]);
    const other = startReader(LIMIT, compression === "gzip" ? "deflate" : "gzip").reader;
    expect(other.push(compressed(first, compression))).toMatchObject({
      status: Status.INTERNAL,
      message: "Cannot decompress a message",
    });
  });

  test("are read in any chunks", () => {
    const stream = Buffer.concat([compressed(first, compression), frame(second), compressed(second, compression)]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const { reader, messages } = startCompressed();
        const ends = [...cuts, stream.length].sort((a, b) => a - b);
        const failures = ends.map((end, i) => reader.push(stream.subarray(ends[i - 1] ?? 0, end)));
        expect([...failures, reader.end()].filter((failure) => failure !== undefined)).toEqual([]);
        expect(messages).toEqual([first, second, second]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** A reader that the test pulls from, and the calls of its sink. */
function startPulled(
  options: { single?: boolean; maxBytes?: number; encoding?: Compression; memory?: MessageMemory } = {},
) {
  const { single = false, maxBytes = 16 * 1024 * 1024, encoding = "identity", memory } = options;
  const events: unknown[] = [];
  const sink = {
    memory,
    onMessage: (message: Message) => events.push((message as TestRequest).text || message),
    onMessagesEnd: (failure: CallFailure | undefined) => events.push(failure?.message ?? "the end"),
    pause: () => events.push("pause"),
    resume: () => events.push("resume"),
    onBroken: (error: unknown) => events.push(error),
  };
  const reader = new MessageReader({ schema: TestRequestSchema, maxBytes, single }, sink);
  reader.encoding = encoding;
  return { reader, events };
}

const KIB = 1024;
const filled = (bytes: number) => create(TestRequestSchema, { data: new Uint8Array(bytes).fill(1) });

describe("a reader that is pulled one message at a time", () => {
  test("answers each pull with one message, and holds the rest as bytes", () => {
    const { reader, events } = startPulled();
    reader.push(Buffer.concat([frame(first), frame(second), corrupt]));
    expect(events).toEqual([]);
    reader.pull();
    expect(events).toEqual(["first"]);
    reader.pull();
    expect(events).toEqual(["first", "second"]);
    reader.pull();
    expect(events).toEqual(["first", "second", "Cannot decode test.v1.TestRequest"]);
  });

  test("pauses the stream with more than 64 KiB unread, and resumes it with less than 32 KiB", () => {
    const { reader, events } = startPulled();
    const part = frame(filled(16 * KIB - 10));
    for (let count = 0; count < 4; count++) reader.push(part);
    expect(events).toEqual([]);
    reader.push(Buffer.alloc(5 * KIB));
    expect(events).toEqual(["pause"]);
    const pauses = () => events.filter((event) => typeof event === "string");
    for (let count = 0; count < 2; count++) reader.pull();
    expect(pauses()).toEqual(["pause"]);
    reader.pull();
    expect(pauses()).toEqual(["pause", "resume"]);
  });

  test("never pauses the stream while a pull waits for the rest of a message, however long it is", () => {
    const { reader, events } = startPulled();
    reader.pull();
    const whole = frame({ ...filled(KIB * KIB), text: "whole" });
    for (let start = 0; start < whole.length; start += 16 * KIB) reader.push(whole.subarray(start, start + 16 * KIB));
    expect(events).toEqual(["whole"]);
  });

  test("resumes a paused stream to complete a message", () => {
    const { reader, events } = startPulled();
    const whole = frame(filled(100 * KIB));
    reader.push(whole.subarray(0, 80 * KIB));
    reader.pull();
    expect(events).toEqual(["pause", "resume"]);
    reader.push(whole.subarray(80 * KIB));
    expect(events).toEqual(["pause", "resume", filled(100 * KIB)]);
  });

  test("delivers complete messages after the call was abandoned, unless they would have to wait", () => {
    const { reader, events } = startPulled({ encoding: "gzip" });
    reader.push(Buffer.concat([frame(first), compressed(filled(KIB * KIB), "gzip"), frame(second)]));
    reader.abandon();
    for (let pulls = 0; pulls < 3; pulls++) reader.pull();
    expect(events).toEqual(["first", "the end", "the end"]);
  });

  test("delivers complete messages after the stream was cut, and then the end", () => {
    const { reader, events } = startPulled();
    reader.push(Buffer.concat([frame(first), frame(second).subarray(0, 7)]));
    reader.cut();
    for (let count = 0; count < 3; count++) reader.pull();
    expect(events).toEqual(["first", "the end", "the end"]);
  });

  test("answers a pending pull when the stream ends or is cut", () => {
    for (const how of ["end", "cut"] as const) {
      const { reader, events } = startPulled();
      reader.pull();
      reader[how]();
      expect(events).toEqual(["the end"]);
    }
  });
});

describe("a reader of a single message", () => {
  test("decodes it when the stream has ended", () => {
    const { reader, events } = startPulled({ single: true });
    reader.pull();
    reader.push(frame(first));
    expect(events).toEqual([]);
    reader.end();
    expect(events).toEqual(["first"]);
  });

  test("decodes it when a second one begins, and leaves it to the sink to refuse that", () => {
    const { reader, events } = startPulled({ single: true });
    reader.pull();
    reader.push(Buffer.concat([frame(first), frame(second)]));
    reader.pull();
    expect(events).toEqual(["first", "second"]);
  });

  test("does not decode it if the stream was cut, since the request is incomplete", () => {
    const { reader, events } = startPulled({ single: true });
    reader.pull();
    reader.push(frame(first));
    reader.cut();
    expect(events).toEqual(["the end"]);
  });

  test("refuses an invalid prefix before the stream has ended", () => {
    const { reader, events } = startPulled({ single: true, maxBytes: LIMIT });
    reader.pull();
    reader.push(Buffer.of(0, 0, 0, 3, 0xe9));
    expect(events).toEqual(["A message of 1001 bytes is over the limit of 1000 (maxReceiveMessageBytes)"]);
  });
});

describe.for(["gzip", "deflate"] as const)("large messages compressed with %s", (encoding) => {
  const large = filled(KIB * KIB);
  /** The events, with a word for the large message: comparing it byte by byte would take seconds. */
  const shown = (events: readonly unknown[]) =>
    events.map((event) =>
      isMessage(event, TestRequestSchema) && Buffer.compare(event.data, large.data) === 0 ? "large" : event,
    );
  const settled = async (events: unknown[], count: number) => vi.waitFor(() => expect(events).toHaveLength(count));

  test("are decompressed on another thread, and delivered in order", async () => {
    const { reader, events } = startPulled({ encoding });
    reader.push(Buffer.concat([compressed(large, encoding), compressed(first, encoding)]));
    reader.pull();
    expect([events, reader.busy]).toEqual([[], true]);
    await settled(events, 1);
    reader.pull();
    expect(shown(events)).toEqual(["large", "first"]);
  });

  test.for(["end", "cut"] as const)("are delivered before an earlier %s()", async (how) => {
    const { reader, events } = startPulled({ encoding });
    reader.push(compressed(large, encoding));
    reader.pull();
    reader[how]();
    await settled(events, 1);
    reader.pull();
    expect(shown(events)).toEqual(["large", "the end"]);
  });

  test("are discarded when the call is abandoned", async () => {
    const { reader, events } = startPulled({ encoding });
    reader.push(Buffer.concat([compressed(large, encoding), frame(first)]));
    reader.pull();
    reader.abandon();
    expect(events).toEqual(["the end"]);
    reader.pull();
    expect(events).toEqual(["the end", "the end"]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(events).toHaveLength(2);
  });

  test("are refused if they are over the limit or corrupt", async () => {
    const tooLarge = startPulled({ encoding, maxBytes: KIB * KIB });
    tooLarge.reader.push(compressed(large, encoding));
    const broken = startPulled({ encoding });
    const bytes = compressed(filled(KIB * KIB), encoding).fill(0xff, 500, 600);
    broken.reader.push(bytes);
    for (const { reader, events } of [tooLarge, broken]) {
      reader.pull();
      await settled(events, 1);
    }
    expect(tooLarge.events).toEqual(["A decompressed message is over the limit of 1048576 (maxReceiveMessageBytes)"]);
    expect(broken.events).toEqual(["Cannot decompress a message"]);
  });

  test("report an error thrown by the sink to onBroken", async () => {
    const { reader, events } = startPulled({ encoding });
    const error = new Error("from the sink");
    const sinkEvents = events.push.bind(events);
    events.push = (event: unknown) => {
      if (event !== error) throw error;
      return sinkEvents(event);
    };
    reader.push(compressed(large, encoding));
    reader.pull();
    await settled(events, 1);
    expect([...events]).toEqual([error]);
  });
});

type Pulled = ReturnType<typeof startPulled>;

describe("large messages that share memory", () => {
  const memoryFor = (bytes: number): MessageMemory => ({
    decompressed: new MemoryBudget(bytes),
    decompressing: new MemoryBudget(2 * bytes),
    decoded: new MemoryBudget(2 * bytes),
  });
  const large = create(TestRequestSchema, { text: "large", data: new Uint8Array(KIB * KIB) });
  const room = Math.round(1.5 * KIB * KIB);
  const start = (single: boolean) => {
    const memory = memoryFor(room);
    const readers = [1, 2].map(() => startPulled({ encoding: "gzip", maxBytes: room, memory, single }));
    for (const { reader } of readers) {
      reader.push(compressed(large, "gzip"));
      reader.end();
      reader.pull();
    }
    const [one, two] = readers as [Pulled, Pulled];
    return { one, two };
  };
  const arrives = (events: unknown[]) => vi.waitFor(() => expect(events).toEqual(["large"]));
  const passes = () => new Promise((resolve) => setTimeout(resolve, 20));

  test("wait until the previous message is released by the next pull", async () => {
    const { one, two } = start(false);
    await arrives(one.events);
    await passes();
    expect(two.events).toEqual([]);
    one.reader.pull();
    await arrives(two.events);
  });

  test("wait until the previous call is over if it has a single message", async () => {
    const { one, two } = start(true);
    await arrives(one.events);
    one.reader.pull();
    await passes();
    expect([one.events, two.events]).toEqual([["large", "the end"], []]);
    one.reader.cut();
    await arrives(two.events);
  });

  test("stop waiting when their call is over", async () => {
    const { one, two } = start(false);
    two.reader.cut();
    expect(two.events).toEqual(["the end"]);
    await arrives(one.events);
  });

  test("hold no memory after the call is over", async () => {
    const { one, two } = start(false);
    one.reader.cut();
    await arrives(one.events);
    await arrives(two.events);
  });

  test("do not wait for each other if a stream has two instead of a single one", async () => {
    const memory = memoryFor(room);
    const { reader, events } = startPulled({ encoding: "gzip", maxBytes: room, memory, single: true });
    reader.push(Buffer.concat([compressed(large, "gzip"), compressed(large, "gzip")]));
    reader.end();
    reader.pull();
    await arrives(events);
    reader.pull();
    await vi.waitFor(() => expect(events).toEqual(["large", "large"]));
  });

  test("stop waiting to be decoded when their call is over", async () => {
    const memory = { ...memoryFor(10 * room), decoded: new MemoryBudget(room) };
    const [one, two] = [1, 2].map(() => startPulled({ encoding: "gzip", maxBytes: room, memory })) as [Pulled, Pulled];
    one.reader.pull();
    one.reader.push(frame(large));
    expect(one.events).toEqual(["large"]);
    two.reader.pull();
    two.reader.push(compressed(large, "gzip"));
    two.reader.cut();
    await vi.waitFor(() => expect(two.events).toEqual(["the end"]));
  });

  test("report an error thrown by the sink to that sink, not to the reader that released the memory", async () => {
    const memory = { ...memoryFor(room), decoded: new MemoryBudget(room) };
    const [one, two] = [1, 2].map(() => startPulled({ maxBytes: room, memory })) as [Pulled, Pulled];
    const error = new Error("from the sink");
    const record = two.events.push.bind(two.events);
    two.events.push = (event: unknown) => {
      if (event !== error) throw error;
      return record(event);
    };
    for (const { reader } of [one, two]) {
      reader.pull();
      reader.push(frame(large));
    }
    expect([one.events, [...two.events]]).toEqual([["large"], []]);
    one.reader.pull();
    await vi.waitFor(() => expect([...two.events]).toEqual([error]));
  });

  test("hold their memory while they are decompressed, even if their call is abandoned", async () => {
    const memory = memoryFor(room);
    const [one, two] = [1, 2].map(() => startPulled({ encoding: "gzip", maxBytes: room, memory })) as [Pulled, Pulled];
    for (const { reader } of [one, two]) {
      reader.push(compressed(large, "gzip"));
      reader.pull();
    }
    one.reader.abandon();
    let granted = false;
    const share = memory.decompressed.acquire(room, () => {
      granted = true;
    });
    expect([one.events, granted]).toEqual([["the end"], false]);
    await arrives(two.events);
    two.reader.cut();
    await vi.waitFor(() => expect(granted).toBe(true));
    share.release();
  });

  test("of all connections wait for each other to be decompressed, except for those whose call is over", async () => {
    const decompressing = new MemoryBudget(room);
    const before = decompressing.acquire(room, () => {});
    const readers: Pulled[] = [];
    const startOnNewConnection = () => {
      const pulled = startPulled({ encoding: "gzip", maxBytes: room, memory: { ...memoryFor(room), decompressing } });
      readers.push(pulled);
      pulled.reader.push(compressed(large, "gzip"));
      pulled.reader.pull();
      return pulled.reader;
    };
    // Resolves with the events so far once the requests before it have been decompressed.
    const eventsThen = () =>
      new Promise((resolve) => {
        decompressing.acquire(room, (share) => {
          resolve(readers.map(({ events }) => [...events]));
          share.release();
        });
      });
    startOnNewConnection();
    const two = startOnNewConnection();
    const between = eventsThen();
    startOnNewConnection();
    const after = eventsThen();
    two.cut();
    before.release();
    expect(await between).toEqual([["large"], ["the end"], []]);
    expect(await after).toEqual([["large"], ["the end"], ["large"]]);
  });

  test("hold only their actual size once it is known", async () => {
    const memory = memoryFor(room);
    const small = create(TestRequestSchema, { text: "small", data: new Uint8Array(100 * KIB) });
    const readers = [1, 2, 3].map(() => startPulled({ encoding: "gzip", maxBytes: room, memory }));
    for (const { reader } of readers) {
      reader.push(compressed(small, "gzip"));
      reader.pull();
    }
    for (const { events } of readers) await vi.waitFor(() => expect(events).toEqual(["small"]));
  });

  test("release their memory if they cannot be decompressed", async () => {
    const memory = memoryFor(room);
    const broken = startPulled({ encoding: "gzip", maxBytes: room, memory });
    broken.reader.push(compressed(large, "gzip").fill(0xff, 500, 600));
    broken.reader.pull();
    await vi.waitFor(() => expect(broken.events).toEqual(["Cannot decompress a message"]));
    const good = startPulled({ encoding: "gzip", maxBytes: room, memory });
    good.reader.push(compressed(large, "gzip"));
    good.reader.pull();
    await arrives(good.events);
  });
});
