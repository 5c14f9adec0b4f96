import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { GRPCError, type Metadata, Status, StreamTerminatedError } from "../../src/index.js";
import { moment, rejection, startPair } from "../harness.js";
import { handleAll, type Kind, kinds } from "./kinds.js";

/** Handlers that run until their call is cancelled. */
function waiting() {
  const cancelled = moment<unknown>();
  const running = moment();
  const handlers = handleAll(async ({ signal }) => {
    running.happens();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    cancelled.happens(signal.reason);
    throw signal.reason;
  });
  return { handlers, running: running.promise, cancelled: cancelled.promise };
}

test("a loop of requests after the call has ended with OK lets timers run", async () => {
  const { stub } = await startPair({ async *bidi() {} });
  const late = await stub.bidi.open(async (stream) => {
    await stream.sendRequest();
    while (stream.trailingMetadata === undefined) await sleep(1);
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 50);
    const start = performance.now();
    while (!fired && performance.now() - start < 2000) await stream.sendMessage({});
    return !fired;
  });
  expect(late).toBe(false);
});

test("a loop of requests to an interceptor that has answered without next() lets timers run", async () => {
  async function* answer() {
    await new Promise(() => {});
    yield {} as never;
  }
  const { stub } = await startPair({}, { channel: { interceptors: [async () => answer()] } });
  const late = await stub.bidi.open(async (stream) => {
    await stream.sendRequest();
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 50);
    const start = performance.now();
    while (!fired && performance.now() - start < 2000) await stream.sendMessage({});
    return !fired;
  });
  expect(late).toBe(false);
});

describe("a call that fails while it is open", () => {
  const failing = () =>
    handleAll(() => {
      throw new GRPCError(Status.ABORTED, "no");
    });

  /** Opens a call that fails, and runs `body` once it has failed, without having received anything. */
  async function failed(kind: Kind, body: () => unknown) {
    const { stub } = await startPair(failing());
    const over = moment<Metadata>();
    return await rejection(
      stub[kind].open(
        async (stream) => {
          await stream.sendMessage({});
          await stream.end();
          await over.promise;
          return body();
        },
        { onTrailers: over.happens },
      ),
    );
  }
  const expected = { name: "GRPCError", status: Status.ABORTED, message: "no", origin: "peer" };

  test.for(kinds)("%s: recvMessage() rejects with the call's error, and so does open()", async (kind) => {
    const { stub } = await startPair(failing());
    let inside: unknown;
    const outside = await rejection(
      stub[kind].open(async (stream) => {
        await stream.sendMessage({});
        await stream.end();
        inside = await rejection(stream.recvMessage());
        throw inside;
      }),
    );
    expect(inside).toMatchObject(expected);
    expect(outside).toBe(inside);
  });

  test.for(kinds)(
    "%s: open() rejects with the call's error even if the body has not received anything",
    async (kind) => {
      expect(await failed(kind, () => "unaware")).toMatchObject(expected);
    },
  );

  test.for(kinds)(
    "%s: the call's error replaces a StreamTerminatedError from the body, which becomes its cause",
    async (kind) => {
      const terminated = new StreamTerminatedError("terminated");
      const error = await failed(kind, () => {
        throw terminated;
      });
      expect(error).toMatchObject(expected);
      expect((error as GRPCError).cause).toBe(terminated);
    },
  );

  test.for(kinds)("%s: open() rejects with any other error from the body, unchanged", async (kind) => {
    const mine = new Error("mine");
    const error = await failed(kind, () => {
      throw mine;
    });
    expect(error).toBe(mine);
  });
});

describe("leaving an open stream", () => {
  test.for(kinds)("%s: open() resolves to the body's result, and resets the unfinished call", async (kind) => {
    const { handlers, running, cancelled } = waiting();
    const { stub } = await startPair(handlers);
    const result = await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      await stream.end();
      await running;
      return "enough";
    });
    expect(result).toBe("enough");
    expect(await cancelled).toMatchObject({ name: "StreamTerminatedError", code: 8 });
  });

  test.for(kinds)("%s: open() rejects with the body's error, unchanged, and resets the call", async (kind) => {
    const { handlers, running, cancelled } = waiting();
    const { stub } = await startPair(handlers);
    const mine = new Error("mine");
    const error = await rejection(
      stub[kind].open(async (stream) => {
        await stream.sendMessage({});
        await stream.end();
        await running;
        throw mine;
      }),
    );
    expect(error).toBe(mine);
    expect(await cancelled).toMatchObject({ name: "StreamTerminatedError", code: 8 });
  });

  test("break in a for await loop resets the call at once", async () => {
    const closed = moment<unknown>();
    const { stub } = await startPair({
      async *serverStream(_request, { signal }) {
        try {
          for (let number = 0; ; number++) yield { number };
        } finally {
          closed.happens(signal.reason);
        }
      },
    });
    const numbers: number[] = [];
    await stub.serverStream.open(async (stream) => {
      await stream.sendMessage({});
      for await (const { number } of stream) if (numbers.push(number) === 3) break;
      expect(await closed.promise).toMatchObject({ name: "StreamTerminatedError", code: 8 });
    });
    expect(numbers).toEqual([0, 1, 2]);
  });

  test.for(kinds)("%s: without a body, disposing of the stream resets the call and does not throw", async (kind) => {
    const { handlers, running, cancelled } = waiting();
    const { stub } = await startPair(handlers);
    const stream = stub[kind].open();
    await stream.sendMessage({});
    await stream.end();
    await running;
    await stream[Symbol.asyncDispose]();
    await stream[Symbol.asyncDispose]();
    expect(await cancelled).toMatchObject({ name: "StreamTerminatedError", code: 8 });
    expect(await rejection(stream.recvMessage())).toMatchObject({ status: Status.CANCELLED, origin: "client" });
  });
});

test("a message that waits for the server to keep up does not wait once the requests have been ended", async () => {
  const { stub } = await startPair({
    async *bidi(requests) {
      for await (const { data } of requests) yield { data };
    },
  });
  await stub.bidi.open(async (stream) => {
    const sent = stream.sendMessage({ data: new Uint8Array(3_000_000) });
    await stream.end();
    // Without having read a response, which the server waits for.
    await sent;
    expect((await stream.recvMessage())?.data.length).toBe(3_000_000);
    expect(await stream.recvMessage()).toBeUndefined();
  });
});
