import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type CallOptions, type GRPCError, type ServerContext, Status } from "../../src/index.js";
import { collect, moment, rejection, startPair } from "../harness.js";

/** More than buffers hold, if it is sent a few times. Random, because Connect compresses it. */
const data = randomBytes(256 * 1024);

type Yields = (context: ServerContext) => AsyncGenerator<object>;

/** A server whose response streams come from a generator. `closed` resolves when the generator has ended. */
async function start(generate: Yields) {
  const closed = moment();
  async function* respond(_: unknown, context: ServerContext) {
    try {
      yield* generate(context);
    } finally {
      closed.happens();
    }
  }
  const { stub, reports } = await startPair({ serverStream: respond, bidi: respond });
  const calls = {
    serverStream: (options?: CallOptions) => stub.serverStream({}, options),
    bidi: (options?: CallOptions) => stub.bidi([], options),
  };
  return { calls, reports, closed: closed.promise };
}

const streaming = ["serverStream", "bidi"] as const;

describe("a generator's finally block runs", () => {
  test.for(streaming)("%s: after its last response", async (kind) => {
    const { calls, closed } = await start(async function* () {
      yield { text: "only" };
    });
    expect(await collect(calls[kind]())).toHaveLength(1);
    await closed;
  });

  test.for(streaming)("%s: when it yields a value that cannot be encoded", async (kind) => {
    const { calls, closed, reports } = await start(async function* () {
      for (;;) yield { number: "not a number" };
    });
    const error = (await rejection(collect(calls[kind]()))) as GRPCError;
    expect(error).toMatchObject({ origin: "peer", details: undefined });
    expect([Status.UNKNOWN, Status.INTERNAL]).toContain(error.status);
    await closed;
    expect(reports.take()).toHaveLength(1);
  });

  test.for(streaming)("%s: when it yields an Error", async (kind) => {
    const { calls, closed, reports } = await start(async function* () {
      for (;;) yield new Error("yielded");
    });
    expect(await rejection(collect(calls[kind]()))).toMatchObject({ status: Status.UNKNOWN, origin: "peer" });
    await closed;
    expect(reports.take()).toMatchObject([{ error: { message: "yielded" } }]);
  });

  test.for(streaming)("%s: when it yields after sendTrailingMetadata(), which is reported", async (kind) => {
    const { calls, closed, reports } = await start(async function* (context) {
      yield { text: "first" };
      context.sendTrailingMetadata({ status: Status.OK });
      for (;;) yield { text: "too late" };
    });
    expect(await collect(calls[kind]())).toMatchObject([{ text: "first" }]);
    await closed;
    const message =
      "The handler returned a message after sendTrailingMetadata(). Return the result of that function instead.";
    expect(await reports.next()).toMatchObject({ error: { name: "ProtocolError", message } });
  });

  test.for(streaming)("%s: when the deadline passes while backpressure blocks it", async (kind) => {
    const { calls, closed } = await start(async function* () {
      for (;;) yield { data };
    });
    // Long enough for the first response.
    const responses = calls[kind]({ timeout: 400 });
    await responses.next();
    await closed;
    expect(await rejection(collect(responses))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
  });

  test("before the trailers are sent, so that it can add metadata to them, when it yields a value that cannot be encoded", async () => {
    const { stub, reports } = await startPair({
      async *serverStream(_, context) {
        try {
          for (;;) yield { number: "not a number" } as object;
        } finally {
          context.trailingMetadata.set("rows", "17");
        }
      },
    });
    const error = (await rejection(collect(stub.serverStream({})))) as GRPCError;
    expect(error.metadata?.get("rows")).toBe("17");
    expect(reports.take()).toHaveLength(1);
  });

  test("after a cancellation, and an error in it is reported", async () => {
    const failure = new Error("the clean-up failed");
    const { stub, reports } = await startPair({
      async *serverStream() {
        try {
          for (;;) yield {};
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: the test needs a clean-up that fails.
          throw failure;
        }
      },
    });
    for await (const _ of stub.serverStream({})) break;
    const { error } = await reports.next();
    expect(error).toMatchObject({ message: "Failed to handle cancellation" });
    expect((error as Error).cause).toBe(failure);
  });
});

test("a generator that waits for a slow client ends when the call is ended elsewhere", async () => {
  const left = moment();
  const { stub } = await startPair({
    async *serverStream(_request, context) {
      let timer: NodeJS.Timeout | undefined;
      const end = () => void context.sendTrailingMetadata({ status: Status.ABORTED, message: "enough" });
      try {
        for (;;) {
          // It fires once the client is behind by more than windows and buffers hold.
          timer = setTimeout(end, 200);
          yield { data };
          clearTimeout(timer);
        }
      } finally {
        clearTimeout(timer);
        left.happens();
      }
    },
  });
  await stub.serverStream.open(async (stream) => {
    await stream.sendMessage({});
    await left.promise;
    await stream.cancel();
  });
});
