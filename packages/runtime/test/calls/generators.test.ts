import { describe, expect, test } from "vitest";
import { type CallOptions, type GRPCError, type ServerContext, Status } from "../../src/index.js";
import { collect, moment, rejection, startPair } from "../harness.js";

type Yields = (context: ServerContext) => AsyncGenerator<object>;

/** A server whose streams are made by a generator, and the end of that generator. */
async function start(generate: Yields) {
  const left = moment();
  async function* respond(_: unknown, context: ServerContext) {
    try {
      yield* generate(context);
    } finally {
      left.happens();
    }
  }
  const { stub, reports } = await startPair({ serverStream: respond, bidi: respond });
  const calls = {
    serverStream: (options?: CallOptions) => stub.serverStream({}, options),
    bidi: (options?: CallOptions) => stub.bidi([], options),
  };
  return { calls, reports, left: left.promise };
}

const streaming = ["serverStream", "bidi"] as const;

describe("the finally of a generator runs", () => {
  test.for(streaming)("%s: after its last response", async (kind) => {
    const { calls, left } = await start(async function* () {
      yield { text: "only" };
    });
    expect(await collect(calls[kind]())).toHaveLength(1);
    await left;
  });

  test.for(streaming)("%s: when it yields what cannot be encoded", async (kind) => {
    const { calls, left, reports } = await start(async function* () {
      for (;;) yield { number: "not a number" };
    });
    const error = (await rejection(collect(calls[kind]()))) as GRPCError;
    expect(error).toMatchObject({ origin: "peer", details: undefined });
    expect([Status.UNKNOWN, Status.INTERNAL]).toContain(error.status);
    await left;
    expect(reports.take()).toHaveLength(1);
  });

  test.for(streaming)("%s: when it yields an Error", async (kind) => {
    const { calls, left, reports } = await start(async function* () {
      for (;;) yield new Error("yielded");
    });
    expect(await rejection(collect(calls[kind]()))).toMatchObject({ status: Status.UNKNOWN, origin: "peer" });
    await left;
    expect(reports.take()).toMatchObject([{ error: { message: "yielded" } }]);
  });

  test.for(streaming)("%s: when it yields after it has ended the call, which is reported", async (kind) => {
    const { calls, left, reports } = await start(async function* (context) {
      yield { text: "first" };
      context.sendTrailingMetadata({ status: Status.OK });
      for (;;) yield { text: "too late" };
    });
    expect(await collect(calls[kind]())).toMatchObject([{ text: "first" }]);
    await left;
    expect(await reports.next()).toMatchObject({ error: { name: "ProtocolError" } });
  });

  test.for(streaming)("%s: when the deadline passes while it waits for its reader", async (kind) => {
    const { calls, left } = await start(async function* () {
      for (;;) yield { data: new Uint8Array(256 * 1024) };
    });
    const responses = calls[kind]({ timeout: 100 });
    await responses.next();
    await left;
    expect(await rejection(collect(responses))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
  });

  test("before the answer, to which it can add metadata, when it yields what cannot be sent", async () => {
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

  test("an error in it, after a cancellation, is reported", async () => {
    const failure = new Error("the clean-up failed");
    const { stub, reports } = await startPair({
      async *serverStream() {
        try {
          for (;;) yield {};
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is what a clean-up that fails does.
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
