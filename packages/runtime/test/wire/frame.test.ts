import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FrameError, FrameReader, writePrefix } from "../../src/wire/frame.js";
import { encodeFrame } from "./encode-frame.js";

const MIB = 1024 * 1024;
const LIMIT = 4 * MIB;

const copy = (bytes: Uint8Array) => bytes.slice();
const text = (content: string) => new TextEncoder().encode(content);
const frames = (...messages: Uint8Array[]) => join(messages.map((message) => encodeFrame(message)));
const prefix = (flags: number, length: number) =>
  Uint8Array.of(flags, length >>> 24, length >>> 16, length >>> 8, length);

/** A reader whose frames are taken as soon as they arrive. */
function startReader(limit = LIMIT) {
  const reader = new FrameReader(limit, copy);
  const received: { readonly bytes: Uint8Array; readonly compressed: boolean }[] = [];
  const push = (chunk: Uint8Array): FrameError | undefined => {
    reader.push(chunk);
    for (;;) {
      const frame = reader.next();
      if (frame === undefined || frame.kind !== "message") return frame;
      const { bytes, compressed } = frame;
      received.push({ bytes, compressed });
    }
  };
  return { reader, received, push };
}

/** Reads chunks: returns the messages, the error if there is one, and whether a frame is incomplete. */
function read(chunks: readonly Uint8Array[], limit = LIMIT) {
  const { reader, received, push } = startReader(limit);
  let error: FrameError | undefined;
  for (const chunk of chunks) error ??= push(chunk);
  return { messages: received.map(({ bytes }) => bytes), error, incomplete: reader.length > 0 };
}

describe("a frame", () => {
  test.for<[title: string, message: Uint8Array, frame: number[]]>([
    ["of nothing", new Uint8Array(0), [0, 0, 0, 0, 0]],
    ["of a message", Uint8Array.of(1, 2, 3), [0, 0, 0, 0, 3, 1, 2, 3]],
    ["of 258 bytes", new Uint8Array(258), [0, 0, 0, 1, 2, ...Array(258).fill(0)]],
  ])("%s", ([, message, frame]) => {
    expect([...encodeFrame(message)]).toEqual(frame);
  });

  test("of a compressed message has the flag 1", () => {
    expect([...encodeFrame(Uint8Array.of(1, 2, 3), true)]).toEqual([1, 0, 0, 0, 3, 1, 2, 3]);
    expect([...encodeFrame(new Uint8Array(0), true)]).toEqual([1, 0, 0, 0, 0]);
  });

  test("of more than 16 MiB has its length in big-endian order", () => {
    expect([...encodeFrame(new Uint8Array(0x01_02_03_04)).subarray(0, 5)]).toEqual([0, 1, 2, 3, 4]);
  });

  test("begins at the given offset, and returns the offset of its message", () => {
    const target = new Uint8Array(13).fill(9);
    expect(writePrefix(target, 1, 1, true)).toBe(6);
    expect(writePrefix(target, 7, 0, false)).toBe(12);
    expect([...target]).toEqual([9, 1, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 9]);
  });

  test("is a copy of the message", () => {
    const message = Uint8Array.of(1);
    const frame = encodeFrame(message);
    message[0] = 2;
    expect(frame[5]).toBe(1);
  });
});

const streams: [title: string, messages: Uint8Array[]][] = [
  ["nothing", []],
  ["a message", [text("hello")]],
  ["several messages", [text("hello"), text(""), text("world")]],
  ["an empty message", [text("")]],
  ["empty messages", [text(""), text(""), text("")]],
  ["an empty message at the end", [text("hello"), text("")]],
  ["a message of a prefix's length", [text("12345")]],
  ["messages that look like prefixes", [Uint8Array.of(0, 0, 0, 0, 1), Uint8Array.of(1, 255, 255, 255, 255)]],
  ["a large message among small ones", [text("a"), new Uint8Array(100_000).fill(7), text("b")]],
];

describe("a reader of a stream with", () => {
  test.for(streams)("%s reads it in one chunk", ([, messages]) => {
    expect(read([frames(...messages)])).toEqual({ messages, error: undefined, incomplete: false });
  });

  test.for(streams)("%s reads it byte by byte", ([, messages]) => {
    const bytes = frames(...messages);
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(read(chunks)).toEqual({ messages, error: undefined, incomplete: false });
  });

  test.for(streams)("%s reads it frame by frame", ([, messages]) => {
    const chunks = messages.map((message) => encodeFrame(message));
    expect(read(chunks)).toEqual({ messages, error: undefined, incomplete: false });
  });

  test.for(streams)("%s reads it with prefixes and messages in separate chunks", ([, messages]) => {
    const chunks = messages.flatMap((message) => [prefix(0, message.length), message]);
    expect(read(chunks)).toEqual({ messages, error: undefined, incomplete: false });
  });

  test.for(streams)("%s waits for the rest of an incomplete frame after it", ([, messages]) => {
    const stream = frames(...messages, text("rest"));
    for (const missing of [1, 4, 5, 8]) {
      expect(read([stream.subarray(0, -missing)])).toEqual({ messages, error: undefined, incomplete: true });
    }
  });

  test.for(streams)("%s accepts empty chunks", ([, messages]) => {
    const empty = new Uint8Array(0);
    const bytes = frames(...messages);
    const chunks = [empty, bytes.subarray(0, 7), empty, empty, bytes.subarray(7), empty];
    expect(read(chunks)).toEqual({ messages, error: undefined, incomplete: false });
  });
});

test("a reader returns each message as soon as it is complete", () => {
  const { received, push } = startReader();
  const stream = frames(text("hello"), text(""), text("world"));
  const counts = Array.from(stream, (byte) => {
    push(Uint8Array.of(byte));
    return received.length;
  });
  // The frames end with bytes 10, 15 and 25.
  expect(counts).toEqual([...Array(9).fill(0), ...Array(5).fill(1), ...Array(10).fill(2), 3]);
});

test("a reader returns one frame at a time, and holds the rest as bytes", () => {
  const reader = new FrameReader(LIMIT, copy);
  const stream = frames(text("hello"), text("world"), text("again"));
  for (const chunk of splitAt(stream, [12, 13])) reader.push(chunk);
  const lengths = [reader.length];
  for (const content of ["hello", "world", "again"]) {
    expect(reader.next()).toEqual({ kind: "message", bytes: text(content), compressed: false });
    lengths.push(reader.length);
  }
  expect(reader.next()).toBeUndefined();
  expect(lengths).toEqual([30, 20, 10, 0]);
});

test("a reader tells whether bytes follow the next message, and whether its prefix is invalid", () => {
  const reader = new FrameReader(LIMIT, copy);
  const states = Array.from(frames(text("hi"), text("")), (byte) => {
    reader.push(Uint8Array.of(byte));
    return reader.hasBytesAfterNext;
  });
  expect(states).toEqual([...Array(7).fill(false), ...Array(5).fill(true)]);
  expect(reader.error).toBeUndefined();
  const bad = new FrameReader(LIMIT, copy);
  bad.push(prefix(3, 0));
  expect(bad.error).toEqual({ kind: "flags", flags: 3 });
});

test("a reader finds nothing wrong with an incomplete prefix", () => {
  for (const part of [prefix(3, 0), prefix(0, LIMIT + 1), Uint8Array.of(0, 255, 255, 255, 255)]) {
    const reader = new FrameReader(LIMIT, copy);
    reader.push(part.subarray(0, 4));
    expect(reader.error).toBeUndefined();
    reader.push(part.subarray(4));
    expect(reader.error).toBeDefined();
  }
});

test("a reader tells for each message whether it is compressed", () => {
  const stream = join([
    frames(text("a")),
    encodeFrame(text("b"), true),
    encodeFrame(text(""), true),
    frames(text("c")),
  ]);
  for (const chunks of [[stream], Array.from(stream, (byte) => Uint8Array.of(byte))]) {
    const { received, push } = startReader();
    for (const chunk of chunks) expect(push(chunk)).toBeUndefined();
    expect(received).toEqual([
      { bytes: text("a"), compressed: false },
      { bytes: text("b"), compressed: true },
      { bytes: text(""), compressed: true },
      { bytes: text("c"), compressed: false },
    ]);
  }
});

test("a reader returns the same messages for any split of any stream", () => {
  const stream = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(300), { maxLength: 12 }), fc.nat(12), (messages, cuts, missing) => {
      const bytes = frames(...messages);
      const end = bytes.length - Math.min(missing, bytes.length);
      const whole = read([bytes.subarray(0, end)]);
      const split = read(splitAt(bytes.subarray(0, end), cuts));
      expect(split).toEqual(whole);
      expect(whole.messages).toEqual(messages.slice(0, whole.messages.length));
      expect(frames(...whole.messages).length === end).toBe(!whole.incomplete);
    }),
    { numRuns: 10_000 },
  );
});

describe("a message over the limit", () => {
  test.for([0, 1, 10, 1000])("of %d bytes is refused from one byte more on", (limit) => {
    const allowed = new Uint8Array(limit).fill(1);
    expect(read([encodeFrame(allowed)], limit)).toEqual({ messages: [allowed], error: undefined, incomplete: false });
    const { messages, error } = read([encodeFrame(new Uint8Array(limit + 1))], limit);
    expect({ messages, error }).toEqual({ messages: [], error: { kind: "length", length: limit + 1 } });
  });

  test.for([11, 4 * MIB, 2 ** 31, 2 ** 32 - 1])("is detected by its prefix, which says %d bytes", (length) => {
    expect(read([prefix(0, length)], 10).error).toEqual({ kind: "length", length });
  });

  test("is detected at the last byte of the prefix if single bytes arrive", () => {
    const length = 0x01020304;
    const bytes = Array.from(prefix(0, length), (byte) => Uint8Array.of(byte));
    expect(read(bytes.slice(0, 4), 10).error).toBeUndefined();
    expect(read(bytes, 10).error).toEqual({ kind: "length", length });
  });

  test("does not prevent the messages before it from being read", () => {
    const { messages, error } = read([join([frames(text("a"), text("b")), prefix(0, 11), text("c")])], 10);
    expect({ messages, error }).toEqual({ messages: [text("a"), text("b")], error: { kind: "length", length: 11 } });
  });
});

describe("a compressed message", () => {
  // It may exceed the limit by 64 bytes, plus one byte for each KiB or part of a KiB.
  test.for([
    [0, 64],
    [1, 66],
    [1000, 1065],
    [1024, 1089],
    [1025, 1091],
    [MIB, MIB + 1024 + 64],
  ] as const)("with a limit of %d bytes may have %d", ([limit, most]) => {
    const allowed = new Uint8Array(most).fill(1);
    const { messages, error } = read([encodeFrame(allowed, true)], limit);
    expect(error).toBeUndefined();
    expect(messages.map((message) => message.length)).toEqual([most]);
    expect(read([prefix(1, most + 1)], limit).error).toEqual({ kind: "length", length: most + 1 });
  });

  test("does not raise the limit for the uncompressed one that follows", () => {
    const chunk = join([encodeFrame(new Uint8Array(11), true), prefix(0, 11)]);
    expect(read([chunk], 10)).toMatchObject({
      messages: [new Uint8Array(11)],
      error: { kind: "length", length: 11 },
    });
  });
});

describe("the flags", () => {
  test.for([2, 3, 4, 128, 129, 255])("%d are an error, whatever the length", (flags) => {
    const error = { kind: "flags", flags };
    expect(read([prefix(flags, 0)]).error).toEqual(error);
    expect(read([prefix(flags, 2 ** 32 - 1)], 10).error).toEqual(error);
    expect(read([join([frames(text("a")), prefix(flags, 1), text("b")])])).toMatchObject({
      messages: [text("a")],
      error,
    });
  });
});

describe("memory", () => {
  test("is allocated for the bytes that arrive, not for those that a prefix claims", () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 64 }, () => new FrameReader(LIMIT, copy));
    for (const reader of readers) {
      reader.push(prefix(0, 4 * MIB));
      for (let i = 0; i < 100; i++) reader.push(new Uint8Array(10));
    }
    const taken = process.memoryUsage().arrayBuffers - before;
    expect(readers.every((reader) => reader.length > 0)).toBe(true);
    // Allocating what the prefixes claim would take 256 MiB.
    expect(taken).toBeLessThan(8 * MIB);
  });

  test("for a message in many chunks has the length of the message with its prefix", () => {
    const message = new Uint8Array(100_000).fill(1);
    const [received] = read(
      splitAt(
        encodeFrame(message),
        Array.from({ length: 999 }, (_, i) => i * 100),
      ),
    ).messages;
    expect(received).toEqual(message);
    expect(received?.buffer.byteLength).toBe(message.length + 5);
  });

  test("of a large chunk is not kept alive by a small message", () => {
    const chunk = frames(new Uint8Array(10), new Uint8Array(100_000));
    const [small] = read([chunk]).messages;
    expect(small).toEqual(new Uint8Array(10));
    expect(small?.buffer.byteLength).toBe(1024);
  });

  test("of a large buffer is not kept alive by a message that fills one of its parts", () => {
    const pool = new Uint8Array(64 * 1024);
    pool.set(encodeFrame(new Uint8Array(10)), 1000);
    const [small] = read([pool.subarray(1000, 1015)]).messages;
    expect(small?.buffer.byteLength).toBe(10);
  });

  test("of a large chunk is copied for many small messages at a time", () => {
    let copies = 0;
    const reader = new FrameReader(LIMIT, (bytes) => {
      copies += 1;
      return bytes.slice();
    });
    const messages = Array.from({ length: 5000 }, (_, number) => text(`message ${number}`));
    const stream = frames(...messages);
    const received: unknown[] = [];
    for (const chunk of splitAt(stream, [30_001, 30_002, 60_000])) {
      reader.push(chunk);
      // Some are left, so that the next chunk is added to a buffer from which parts have been copied.
      while (reader.length > 700) received.push((reader.next() as { readonly bytes: Uint8Array }).bytes);
    }
    for (let frame = reader.next(); frame?.kind === "message"; frame = reader.next()) received.push(frame.bytes);
    expect(received).toEqual(messages);
    expect(copies).toBeGreaterThan(stream.length / 1100);
    expect(copies).toBeLessThan(stream.length / 900);
  });

  test("is not copied for a message that makes up much of its chunk", () => {
    const chunk = frames(new Uint8Array(10), new Uint8Array(100_000));
    const [, large] = read([chunk]).messages;
    expect(large?.buffer).toBe(chunk.buffer);
  });

  test.for([
    [10, 8192, 8192],
    [10, 8193, 1024],
    [2048, 20_000, 2048],
    [4999, 20_000, 4999],
    [5000, 20_000, 20_000],
  ] as const)("kept alive by a message of %d bytes in a chunk of %d is %d bytes", ([length, all, kept]) => {
    const chunk = join([encodeFrame(new Uint8Array(length)), prefix(0, 100_000), new Uint8Array(all - length - 10)]);
    const [message] = read([chunk]).messages;
    expect(message?.buffer.byteLength).toBe(kept);
  });

  test("of a chunk is released once it has been read", async () => {
    const reader = new FrameReader(LIMIT, copy);
    reader.push(frames(new Uint8Array(10)));
    const chunk = new WeakRef((reader.next() as { bytes: Uint8Array }).bytes.buffer);
    setFlagsFromString("--expose-gc");
    await new Promise((resolve) => setImmediate(resolve));
    runInNewContext("gc")();
    expect(chunk.deref()).toBeUndefined();
    expect(reader.length).toBe(0);
  });

  test("for unread single bytes is that of a buffer, not of a list of chunks", () => {
    const reader = new FrameReader(LIMIT, copy);
    const before = process.memoryUsage();
    for (let i = 0; i < 64 * 1024; i++) reader.push(Uint8Array.of(0));
    const after = process.memoryUsage();
    expect(reader.length).toBe(64 * 1024);
    // The chunks themselves may not have been collected yet. Keeping them all would take about 10 MiB.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(4 * MIB);
  });
});

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function splitAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}
