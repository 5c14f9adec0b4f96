import assert from "node:assert/strict";
import { create, type Message, toBinary } from "@bufbuild/protobuf";
import { type Compression, wasCompressed } from "../../../src/core/compression.js";
import { type Coding, codings } from "../../../src/http2/codings.js";
import { MessageReader } from "../../../src/http2/message-reader.js";
import { decodedSize } from "../../../src/wire/decoded-size.js";
import { frameMessage } from "../../frames/grpc.js";
import { NestedAnySchema } from "../../gen/test/v1/nested_any_pb.js";
import { type TestRequest, TestRequestSchema } from "../../gen/test/v1/test_pb.js";
import { seeded } from "../../random.js";
import { happens, split } from "../chance.js";
import { checkSame, type Decoder } from "./decoder.js";
import { statusCorpus } from "./details.js";

/** Small enough that no message is decompressed on another thread, so that a reader answers at once. */
const MAX_BYTES = 2000;
/** Up to this length, a stream is also read byte by byte. */
const MAX_SINGLE_BYTES = 200;

const messages = [{}, { text: "text", number: 5, data: new Uint8Array(20) }, { data: new Uint8Array(1500) }].map(
  (init) => Buffer.from(toBinary(TestRequestSchema, create(TestRequestSchema, init))),
);

/** What a reader makes of the chunks of a stream: the messages, and the end. */
function read(chunks: readonly Buffer[], encoding: Compression, single: boolean): string {
  const outcome: string[] = [];
  let waiting = false;
  const pull = () => {
    while (!waiting) {
      waiting = true;
      reader.pull();
    }
  };
  const reader = new MessageReader(
    { schema: TestRequestSchema, maxBytes: MAX_BYTES, single },
    {
      memory: undefined,
      onMessage(message: Message) {
        waiting = false;
        const bytes = toBinary(TestRequestSchema, message as TestRequest);
        outcome.push(`${wasCompressed(message)} ${Buffer.from(bytes).toString("latin1")}`);
      },
      // Without another pull, the reader does not continue.
      onMessagesEnd: (failure) => void outcome.push(failure === undefined ? "end" : `failure: ${failure.message}`),
      pause() {},
      resume() {},
      onBroken(error) {
        throw error;
      },
    },
  );
  reader.encoding = encoding;
  pull();
  for (const chunk of chunks) {
    reader.push(chunk);
    pull();
  }
  reader.end();
  pull();
  return outcome.join("\n");
}

const knownEnd =
  /(?:^|\n)(?:end|failure: (?:Cannot decode|Cannot decompress a|A message of|A decompressed message|A message is compressed|Invalid frame flags|The stream ended within).*)$/;

/** Messages with their prefixes, as the stream of a call carries them. The outcome does not depend on the chunks. */
function streamOf(encoding: Compression): Decoder {
  const pack = (message: Buffer) => {
    const compressed = codings[encoding]?.compress(message);
    return compressed === undefined ? frameMessage(message) : frameMessage(compressed, 1);
  };
  return {
    name: `stream of messages, ${encoding}`,
    format: "bytes",
    // Each input is read several times.
    maxBytes: 4096,
    corpus: [
      ...messages.map(pack),
      Buffer.concat(messages.map(pack)),
      Buffer.concat(messages.map((message, index) => (index % 2 === 0 ? pack(message) : frameMessage(message)))),
    ],
    check(input) {
      const random = seeded(input.length + input.reduce((sum, byte) => (31 * sum + byte) | 0, 0));
      const single = happens(random, 0.3);
      const whole = read([input], encoding, single);
      assert.ok(knownEnd.test(whole), whole);
      checkSame(read(split(random, input, 2 + (input.length % 5)), encoding, single), whole);
      if (input.length > MAX_SINGLE_BYTES) return;
      const bytes = Array.from(input, (_, at) => input.subarray(at, at + 1));
      checkSame(read(bytes, encoding, single), whole);
    },
  };
}

function decompressed(coding: Coding, input: Buffer): Buffer | "too large" | "malformed" {
  try {
    const message = coding.decompress(input, MAX_BYTES);
    return message === undefined ? "too large" : Buffer.from(message);
  } catch (error) {
    return malformed(error);
  }
}

async function decompressedLater(coding: Coding, input: Buffer): Promise<Buffer | "too large" | "malformed"> {
  try {
    const message = await coding.decompressLater(input, MAX_BYTES);
    return message === undefined ? "too large" : Buffer.from(message);
  } catch (error) {
    return malformed(error);
  }
}

function malformed(error: unknown): "malformed" {
  assert.ok(error instanceof Error && "code" in error && /^Z_/.test(String(error.code)), String(error));
  return "malformed";
}

/** Messages without their prefixes, on this thread and on another one. */
function compressed(name: "gzip" | "deflate"): Decoder {
  const coding = codings[name] as Coding;
  const large = Buffer.from(Array.from({ length: MAX_BYTES + 1 }, (_, index) => index));
  return {
    name: `message in ${name}`,
    format: "bytes",
    corpus: [...messages, large, Buffer.alloc(1 << 20)].map((message) => Buffer.from(coding.compress(message))),
    // Which error comes first may differ between the two ways. A message takes one of them, by its length.
    async check(input) {
      const now = decompressed(coding, input);
      assert.ok(typeof now === "string" || now.length <= MAX_BYTES);
      if (typeof now === "object") assert.deepEqual(decompressed(coding, Buffer.from(coding.compress(now))), now);
      const later = await decompressedLater(coding, input);
      if (typeof now === "object" || typeof later === "object") assert.deepEqual(later, now);
    },
  };
}

const size: Decoder = {
  name: "size of a decoded message",
  format: "bytes",
  corpus: [...statusCorpus, ...messages],
  check(input) {
    for (const schema of [NestedAnySchema, TestRequestSchema]) {
      const bytes = decodedSize(schema, input);
      // A field has at least one byte, and an unknown one counts most.
      assert.ok(bytes >= input.length && bytes <= 1000 + 200 * input.length);
    }
  },
};

export const messageDecoders: readonly Decoder[] = [
  ...[streamOf("identity"), streamOf("gzip"), streamOf("deflate"), compressed("gzip"), compressed("deflate"), size],
];
