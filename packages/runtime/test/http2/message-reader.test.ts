import { Buffer } from "node:buffer";
import { create, type Message, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Status } from "../../src/core/status.js";
import { MessageReader } from "../../src/http2/message-reader.js";
import { encodeFrame } from "../../src/wire/frame.js";
import { type TestRequest, TestRequestSchema } from "../gen/test/v1/test_pb.js";

const LIMIT = 1000;
/** A message whose field of length 5 has nothing in it. */
const corrupt = Buffer.of(0, 0, 0, 0, 2, 0x0a, 0x05);

const first = create(TestRequestSchema, { text: "first", number: 1, data: Uint8Array.of(1, 2, 3) });
const second = create(TestRequestSchema, { text: "second" });

function frame(message: TestRequest): Buffer {
  return Buffer.from(encodeFrame(toBinary(TestRequestSchema, message)));
}

function startReader(limit: number = LIMIT) {
  const messages: Message[] = [];
  const sizes: number[] = [];
  const reader = new MessageReader(TestRequestSchema, limit, (message, bytes) => {
    messages.push(message);
    sizes.push(bytes);
  });
  return { reader, messages, sizes };
}

describe("a reader", () => {
  test("decodes messages, in order, and says how many bytes they had", () => {
    const { reader, messages, sizes } = startReader();
    expect(reader.push(Buffer.concat([frame(first), frame(second)]))).toBeUndefined();
    expect(reader.end()).toBeUndefined();
    expect(messages).toEqual([first, second]);
    expect(sizes).toEqual([frame(first).length - 5, frame(second).length - 5]);
  });

  test("decodes an empty message", () => {
    const { reader, messages, sizes } = startReader();
    reader.push(Buffer.alloc(5));
    expect(messages).toEqual([create(TestRequestSchema)]);
    expect(sizes).toEqual([0]);
  });

  test("has nothing to complain about where nothing came", () => {
    expect(startReader().reader.end()).toBeUndefined();
  });

  test("gives plain Uint8Arrays in the fields of messages, not Buffers", () => {
    const { reader, messages } = startReader();
    // In memory of its own, as large chunks are: a message in it is not copied.
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

  test("reads messages whatever the chunks", () => {
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

  test("does not throw for any bytes, and says what is wrong with them", () => {
    const known =
      /^(Cannot decode|A message of .* over the limit|A message is compressed|Invalid frame flags|The stream ended)/;
    const message = fc.uint8Array({ maxLength: 20 }).map(encodeFrame);
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
      "is a message that cannot be decoded",
      corrupt,
      { status: Status.INTERNAL, message: expect.stringMatching(/^Cannot decode test\.v1\.TestRequest: ./) },
    ],
    [
      "is a message over the limit, by its prefix",
      Buffer.of(0, 0, 0, 3, 0xe9),
      {
        status: Status.RESOURCE_EXHAUSTED,
        message: "A message of 1001 bytes is over the limit of 1000 (maxReceiveMessageBytes)",
      },
    ],
    [
      "is a message that is compressed",
      Buffer.of(1, 0, 0, 0, 0),
      { status: Status.INTERNAL, message: "A message is compressed, without grpc-encoding" },
    ],
    [
      "is a reserved flag",
      Buffer.of(0x80, 0, 0, 0, 0),
      { status: Status.INTERNAL, message: "Invalid frame flags 128" },
    ],
  ])("%s", ([, chunk, failure]) => {
    const { reader, messages } = startReader();
    expect(reader.push(Buffer.concat([full, chunk]))).toMatchObject(failure);
    expect(messages).toEqual([first]);
  });

  test("is not a message of the limit's length", () => {
    const { reader, messages } = startReader(full.length - 5);
    expect(reader.push(full)).toBeUndefined();
    expect(messages).toEqual([first]);
  });

  test("to decode has the reason as its cause", () => {
    expect(startReader().reader.push(corrupt)).toMatchObject({ cause: expect.any(Error) });
  });

  test.for([
    ["with its prefix", 1],
    ["after its prefix", 5],
    ["within its bytes", 8],
    ["before its last byte", full.length - 1],
  ] as const)("is an end within a message: %s", ([, length]) => {
    const { reader } = startReader();
    expect(reader.push(full.subarray(0, length))).toBeUndefined();
    expect(reader.end()).toEqual({ status: Status.INTERNAL, message: "The stream ended within a message" });
  });

  test.for<[title: string, chunk: Buffer]>([
    ["cannot be decoded", corrupt],
    ["is over the limit", Buffer.of(0, 0, 0, 3, 0xe9)],
  ])("is the last thing: nothing is read after a message that %s", ([, chunk]) => {
    const { reader, messages } = startReader();
    const failure = reader.push(Buffer.concat([chunk, full]));
    expect(failure).toBeDefined();
    expect(reader.push(full)).toBe(failure);
    expect(reader.push(Buffer.of(1, 0, 0, 0, 0))).toBe(failure);
    expect(reader.end()).toBe(failure);
    expect(messages).toEqual([]);
  });

  test("that comes first counts where a chunk has two", () => {
    const { reader } = startReader();
    expect(reader.push(Buffer.concat([corrupt, Buffer.of(1, 0, 0, 0, 0)]))?.message).toMatch(/^Cannot decode/);
  });
});
