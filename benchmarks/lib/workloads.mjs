import { create } from "@bufbuild/protobuf";
import { BlobSchema, NoteSchema } from "../gen/bench/v1/echo_pb.js";

const note = create(NoteSchema, { text: "a small message", number: 42 });

/** The calls that stay open. */
const open = [];

/**
 * What a client can be asked to do: `(client, options)` resolves to the number of things that it has done, and to the
 * milliseconds that each of them took where that is of interest.
 */
export const workloads = {
  /** Unary calls for some seconds, so many of them at a time. */
  echo: (client, options) => repeat(options, async () => check((await client.echo(note)).number, 42)),

  /** The same with large messages. */
  async copy(client, { bytes, ...options }) {
    const blob = create(BlobSchema, { data: new Uint8Array(bytes) });
    return await repeat(options, async () => check((await client.copy(blob)).data.length, bytes));
  },

  /** Calls that fail with a detail. */
  fail: (client, options) => repeat(options, async () => check((await client.fail(note))?.fieldViolations.length, 2)),

  /** One server stream of so many messages. */
  async download(client, { count }) {
    check(await client.download(note, count), count);
    return { count };
  },

  /** One client stream of so many messages. */
  async upload(client, { count }) {
    check(await client.upload(note, count), count);
    return { count };
  },

  /** So many round trips, shared by so many bidi streams. */
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

  /** Opens so many bidi streams, of which each has had one round trip, and leaves them open. */
  async idle(client, { count }) {
    for (let i = 0; i < count; i += 100) {
      const chats = await Promise.all(Array.from({ length: 100 }, () => client.chat(note)));
      await Promise.all(chats.map((chat) => chat.roundTrip()));
      open.push(...chats);
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
