import { create } from "@bufbuild/protobuf";
import { BlobSchema, NoteSchema } from "../gen/bench/v1/echo_pb.js";

const note = create(NoteSchema, { text: "a small message", number: 42 });

/** Keeps the streams of the workload `idle` open. */
const openChats = [];

/**
 * The workloads of a client. Each is a function `(client, options)` that resolves to `count`, the number of calls,
 * messages or round trips made, and for unary calls to `latencies`, the time that each took in milliseconds.
 */
export const workloads = {
  /** Makes unary calls for `seconds`, with `inFlight` calls in flight. */
  echo: (client, options) => repeat(options, async () => check((await client.echo(note)).number, 42)),

  /** The same with messages of `bytes` bytes. */
  async copy(client, { bytes, ...options }) {
    const blob = create(BlobSchema, { data: new Uint8Array(bytes) });
    return await repeat(options, async () => check((await client.copy(blob)).data.length, bytes));
  },

  /** The same with calls that fail with a detail. */
  fail: (client, options) => repeat(options, async () => check((await client.fail(note))?.fieldViolations.length, 2)),

  /** Makes one server streaming call with `count` messages. */
  async download(client, { count }) {
    check(await client.download(note, count), count);
    return { count };
  },

  /** Makes one client streaming call with `count` messages. */
  async upload(client, { count }) {
    check(await client.upload(note, count), count);
    return { count };
  },

  /** Makes `count` round trips in all, over `streams` concurrent bidi streams. */
  async chat(client, { count, streams = 1 }) {
    const each = Math.ceil(count / streams);
    const talk = async () => {
      const chat = await client.chat(note);
      for (let i = 0; i < each; i++) await chat.roundTrip();
      await chat.end();
    };
    await Promise.all(Array.from({ length: streams }, talk));
    return { count: each * streams };
  },

  /** Opens `count` bidi streams, makes one round trip on each, and leaves them open. */
  async idle(client, { count }) {
    for (let i = 0; i < count; i += 100) {
      const chats = await Promise.all(Array.from({ length: 100 }, () => client.chat(note)));
      await Promise.all(chats.map((chat) => chat.roundTrip()));
      openChats.push(...chats);
    }
    return { count };
  },
};

async function repeat({ seconds, inFlight }, action) {
  const latencies = [];
  const end = performance.now() + seconds * 1000;
  const loop = async () => {
    for (let start = performance.now(); start < end; ) {
      await action();
      const now = performance.now();
      latencies.push(now - start);
      start = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  return { count: latencies.length, latencies };
}

function check(found, expected) {
  if (found !== expected) throw new Error(`Expected ${expected}, got ${found}`);
}
