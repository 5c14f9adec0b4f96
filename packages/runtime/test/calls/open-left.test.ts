import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ClientStream, GRPCError, type ServerContext, Status } from "../../src/index.js";
import type { TestRequest, TestResponse } from "../gen/test/v1/test_pb.js";
import { collect, moment, rejection, startPair } from "../harness.js";
import { type Kind, kinds, type TestHandlers } from "./kinds.js";

/*
 * Reads and sends that are pending when the caller leaves an open call. If nobody awaits them, a rejection would end
 * the process. Peers: Python's grpclib logs "Task exception was never retrieved", a stream of grpc-js ends the process
 * unless it has a listener for "error", and a read of grpc-go returns its error, which nobody has to look at.
 */

type Stream = ClientStream<TestRequest, TestResponse>;

let unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);

beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", onUnhandled);
});

afterEach(async () => {
  // Rejections count as unhandled once all microtasks have run.
  await new Promise(setImmediate);
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});

/** Handlers that read and send nothing, and run as long as `run` does. */
function handlers(run: (context: ServerContext) => Promise<never>): TestHandlers {
  return {
    unary: (_request, context) => run(context),
    async *serverStream(_request, context) {
      yield await run(context);
    },
    clientStream: (_requests, context) => run(context),
    async *bidi(_requests, context) {
      yield await run(context);
    },
  };
}

/** A server whose handlers run until their calls are cancelled. */
async function startWaiting() {
  const running = moment();
  const { stub } = await startPair(
    handlers(({ signal }) => {
      running.happens();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }),
  );
  return { stub, running: running.promise };
}

const large = { text: "x".repeat(1_000_000) };

/** Operations that are pending until the call is left, with their results then. */
const operations: Record<string, { start: (stream: Stream) => Promise<unknown>; result: unknown }> = {
  "an iteration": {
    start: (stream) => collect({ [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() }),
    result: [],
  },
  "recvMessage()": { start: async (stream) => await stream.recvMessage(), result: undefined },
  "recvInitialMetadata()": { start: async (stream) => [...(await stream.recvInitialMetadata())], result: [] },
  "sendMessage()": { start: async (stream) => await stream.sendMessage(large), result: undefined },
};

/** Ways in which the caller leaves. Each starts an operation, does not wait for it, and resolves to its promise. */
const ways: Record<string, (open: OpenCall, start: (stream: Stream) => void) => Promise<unknown>> = {
  "the body returns": (open, start) => open(async (stream) => start(stream)),
  "the body throws": async (open, start) => {
    const mine = new Error("mine");
    const failed = open(async (stream) => {
      start(stream);
      throw mine;
    });
    expect(await rejection(failed)).toBe(mine);
  },
  "cancel() is called": (open, start) =>
    open(async (stream) => {
      start(stream);
      await stream.cancel();
      await new Promise(setImmediate);
    }),
};

type OpenCall = (body: (stream: Stream) => Promise<unknown>) => Promise<unknown>;

describe("an operation that is pending when the caller leaves ends without an error", () => {
  const cases = kinds.flatMap((kind) =>
    Object.keys(operations)
      .filter((operation) => operation !== "sendMessage()" || kind === "clientStream" || kind === "bidi")
      .map((operation) => [kind, operation] as const),
  );

  test.for(cases.flatMap((one) => Object.keys(ways).map((way) => [...one, way] as const)))(
    "%s, %s, when %s",
    async ([kind, operation, way]) => {
      const { stub, running } = await startWaiting();
      let pending: Promise<unknown> | undefined;
      const open: OpenCall = (body) =>
        stub[kind].open(async (stream) => {
          await sendFirst(stream, operation);
          await running;
          return await body(stream);
        });
      await ways[way]?.(open, (stream) => {
        pending = operations[operation]?.start(stream);
      });
      expect(await pending).toEqual(operations[operation]?.result);
    },
  );

  test.for(cases)("%s, %s, when the scope of `await using` ends", async ([kind, operation]) => {
    const { stub, running } = await startWaiting();
    const stream = stub[kind].open();
    await sendFirst(stream, operation);
    await running;
    const pending = operations[operation]?.start(stream);
    await stream[Symbol.asyncDispose]();
    expect(await pending).toEqual(operations[operation]?.result);
  });

  /** Starts a call. The server does not read, so that a second large message is held back. */
  async function sendFirst(stream: Stream, operation: string): Promise<void> {
    if (operation === "sendMessage()") await stream.sendRequest();
    else await stream.sendMessage({});
  }
});

test.for(kinds)("%s: a read that begins after cancel() rejects", async (kind) => {
  const { stub, running } = await startWaiting();
  await stub[kind].open(async (stream) => {
    await stream.sendMessage({});
    await running;
    await stream.cancel();
    expect(await rejection(stream.recvMessage())).toMatchObject({ status: Status.CANCELLED });
  });
});

describe("the server fails while a read and a send are pending", () => {
  async function startFailing() {
    const fail = moment();
    const { stub } = await startPair(
      handlers(async () => {
        await fail.promise;
        throw new GRPCError(Status.ABORTED, "no");
      }),
    );
    return { stub, fail: fail.happens };
  }

  /** Sends until the server holds messages back, then until the call fails. */
  async function sendAll(stream: Stream, fail: () => void): Promise<void> {
    setTimeout(fail, 50);
    for (;;) await stream.sendMessage(large);
  }

  test.for(["clientStream", "bidi"] as const satisfies Kind[])(
    "%s: if only the send is awaited, open() rejects, and the read ends without an error",
    async (kind) => {
      const { stub, fail } = await startFailing();
      let read: Promise<unknown> | undefined;
      const failed = stub[kind].open(async (stream) => {
        await stream.sendRequest();
        read = operations["an iteration"]?.start(stream);
        await sendAll(stream, fail);
      });
      expect(await rejection(failed)).toMatchObject({ status: Status.ABORTED, message: "no" });
      expect(await read).toEqual([]);
    },
  );

  test.for(["clientStream", "bidi"] as const)("%s: if the body stays, both reject", async (kind) => {
    const { stub, fail } = await startFailing();
    const failed = stub[kind].open(async (stream) => {
      await stream.sendRequest();
      const read = rejection(operations["an iteration"]?.start(stream) ?? Promise.resolve());
      expect(await rejection(sendAll(stream, fail))).toMatchObject({ status: Status.ABORTED });
      expect(await read).toMatchObject({ status: Status.ABORTED });
      return "stayed";
    });
    expect(await failed).toBe("stayed");
  });
});
