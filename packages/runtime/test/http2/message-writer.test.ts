import type { Http2Stream } from "node:http2";
import { Writable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test, vi } from "vitest";
import type { Compression } from "../../src/core/compression.js";
import { MessageWriter } from "../../src/http2/message-writer.js";
import { NodeStream } from "../../src/http2/node-stream.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { framesOf } from "../peers/compressed.js";
import { encodeFrame } from "../wire/encode-frame.js";

const KIB = 1024;

function message(bytes: number) {
  return create(TestRequestSchema, { data: new Uint8Array(bytes).fill(bytes % 256) });
}

function framed(...messages: ReturnType<typeof message>[]): Buffer {
  return Buffer.concat(messages.map((each) => encodeFrame(toBinary(TestRequestSchema, each))));
}

/** A stream whose writes stay pending until the test completes them. */
function startStream(highWaterMark = 16 * KIB) {
  const chunks: Buffer[] = [];
  const pending: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark,
    write(chunk, _encoding, callback) {
      chunks.push(chunk);
      pending.push(callback);
    },
  });
  return {
    bare: stream,
    stream: new NodeStream(stream as unknown as Http2Stream),
    written: () => Buffer.concat(chunks),
    writes: () => chunks.length,
    async letGo(count = Number.POSITIVE_INFINITY) {
      for (let i = 0; i < count && pending.length > 0; i++) {
        pending.shift()?.();
        await settle();
      }
    },
  };
}

function startWriter(encoding: Compression = "identity") {
  const listener = { onDrain: vi.fn() };
  return {
    writer: new MessageWriter({
      schema: TestRequestSchema,
      encoding,
      maxBytes: Number.POSITIVE_INFINITY,
      listener,
      kept: undefined,
    }),
    listener,
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a writer", () => {
  test("writes messages in order, including a large one among small ones", async () => {
    const { writer } = startWriter();
    const { bare, stream, written, letGo } = startStream();
    const messages = [1, 2, 100 * KIB, 3, 20 * KIB, 20 * KIB, 4].map(message);
    for (const each of messages.slice(0, 3)) writer.add(each);
    writer.attach(stream);
    for (const each of messages.slice(3)) writer.add(each);
    await letGo();
    writer.add(message(5), true);
    await letGo();
    expect(written()).toEqual(framed(...messages, message(5)));
    expect(bare.writableFinished).toBe(true);
  });

  test("lets the messages of a tick share a write, and does not delay messages that come one by one", async () => {
    const { writer } = startWriter();
    const { stream, writes, letGo } = startStream();
    writer.attach(stream);
    const writesAfter = async (...sizes: number[]) => {
      const before = writes();
      for (const size of sizes) writer.add(message(size));
      const atOnce = writes() - before;
      await letGo();
      await settle();
      await letGo();
      return { atOnce, inAll: writes() - before };
    };
    // The first messages go out with the headers, which are written later anyway.
    expect(await writesAfter(1, 2)).toEqual({ atOnce: 0, inAll: 1 });
    expect(await writesAfter(3)).toEqual({ atOnce: 0, inAll: 1 });
    expect(await writesAfter(4)).toEqual({ atOnce: 1, inAll: 1 });
    expect(await writesAfter(5, 6, 7)).toEqual({ atOnce: 1, inAll: 2 });
    expect(await writesAfter(8, 9)).toEqual({ atOnce: 0, inAll: 1 });
  });

  test("compresses each message unless it must not, also if they share a write", async () => {
    const { writer } = startWriter("gzip");
    const { stream, written, writes, letGo } = startStream();
    const choices = [true, false, undefined, false, true];
    writer.attach(stream);
    for (const round of [1, 2]) {
      for (const compress of choices) writer.add(message(KIB), false, compress);
      await settle();
      await letGo();
      expect(writes()).toBe(round);
    }
    // Large ones are not copied into a shared write.
    for (const compress of choices) writer.add(message(20 * KIB), false, compress);
    await settle();
    await letGo();
    const sizes = [1, 1, 20].flatMap((size) => choices.map(() => size * KIB));
    const frames = framesOf(written());
    expect(frames.map(({ flags }) => flags)).toEqual([1, 2, 3].flatMap(() => [1, 0, 1, 0, 1]));
    expect(
      frames
        .map(({ flags, bytes }) => Buffer.from(flags === 1 ? gunzipSync(bytes) : bytes))
        .map(({ length }) => length),
    ).toEqual(sizes.map((size) => toBinary(TestRequestSchema, message(size)).length));
  });

  test("compresses nothing without a compression", async () => {
    const { writer } = startWriter();
    const { stream, written, letGo } = startStream();
    writer.attach(stream);
    for (const compress of [true, false]) writer.add(message(KIB), false, compress);
    await settle();
    await letGo();
    expect(written()).toEqual(framed(message(KIB), message(KIB)));
  });

  test("tells when it is full, and when it has drained", async () => {
    const { writer, listener } = startWriter();
    const { stream, letGo } = startStream();
    writer.attach(stream);
    expect(writer.add(message(40 * KIB))).toBe(true);
    expect(writer.add(message(40 * KIB))).toBe(false);
    await settle();
    expect(listener.onDrain).not.toHaveBeenCalled();
    await letGo();
    expect(listener.onDrain).toHaveBeenCalledTimes(1);
    expect(writer.add(message(1))).toBe(true);
  });

  test("that is full stays full until it has drained, even if more is added", async () => {
    const { writer, listener } = startWriter();
    const { stream, letGo } = startStream();
    writer.attach(stream);
    writer.add(message(40 * KIB));
    expect(writer.add(message(40 * KIB))).toBe(false);
    await letGo(2);
    expect(writer.add(message(1))).toBe(false);
    await letGo();
    expect(listener.onDrain).toHaveBeenCalledTimes(1);
  });

  test("that was full before a stream was attached accepts messages afterwards", async () => {
    const { writer, listener } = startWriter();
    const { stream, letGo } = startStream();
    expect(writer.add(message(40 * KIB))).toBe(true);
    expect(writer.add(message(40 * KIB))).toBe(false);
    writer.attach(stream);
    await settle();
    expect(listener.onDrain).not.toHaveBeenCalled();
    await letGo();
    expect(listener.onDrain).toHaveBeenCalledTimes(1);
  });

  test("is not full if the stream is not", async () => {
    const { writer } = startWriter();
    const { stream } = startStream(1024 * KIB);
    writer.attach(stream);
    for (let i = 0; i < 4; i++) expect(writer.add(message(100 * KIB))).toBe(true);
  });

  test.for<[title: string, close: (stream: Writable) => void]>([
    ["destroyed", (stream) => stream.destroy()],
    ["ended by other code", (stream) => stream.end()],
  ])("accepts and writes nothing more for a stream that is %s", async ([, close]) => {
    const { writer, listener } = startWriter();
    const { bare, stream, written } = startStream();
    const errors: unknown[] = [];
    bare.on("error", (error) => errors.push(error));
    writer.attach(stream);
    expect(writer.add(message(1))).toBe(true);
    close(bare);
    expect(writer.add(message(1))).toBe(false);
    await settle();
    writer.end();
    await settle();
    expect(written()).toHaveLength(0);
    expect(errors).toEqual([]);
    expect(listener.onDrain).not.toHaveBeenCalled();
  });
});
