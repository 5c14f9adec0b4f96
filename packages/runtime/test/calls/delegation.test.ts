import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import type { TestResponse } from "../gen/test/v1/test_pb.js";
import { moment, rejection, startPair } from "../harness.js";
import type { TestHandlers } from "./kinds.js";

// Generators that pass on the messages of a call with `yield*`, and that are ended from outside.

/** A server whose streams go on until they are cancelled, with a promise of the reason. */
async function startEndless() {
  const cancelled = moment<unknown>();
  async function* respond(_input: unknown, { signal }: { readonly signal: AbortSignal }) {
    try {
      for (let number = 0; ; number++) {
        yield { number };
        await new Promise(setImmediate);
      }
    } finally {
      cancelled.happens(signal.reason);
    }
  }
  const { stub } = await startPair({ serverStream: respond, bidi: respond });
  return { stub, cancelled: cancelled.promise };
}

/** Generators that relay the responses of a call. */
const relays: Record<string, (stub: TestServiceStub) => AsyncGenerator<TestResponse>> = {
  "a server streaming method": async function* (stub) {
    yield* stub.serverStream({});
  },
  "a bidi method": async function* (stub) {
    yield* stub.bidi([]);
  },
  "an open stream": async function* (stub) {
    await using stream = stub.serverStream.open();
    await stream.sendMessage({});
    yield* { [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() };
  },
};

const mine = new Error("the disk is full");

describe.for(Object.keys(relays))("a relay of %s", (name) => {
  /** A relay that has yielded its first message. */
  async function startRelay() {
    const { stub, cancelled } = await startEndless();
    const relay = relays[name]?.(stub) as AsyncGenerator<TestResponse>;
    expect(await relay.next()).toMatchObject({ value: { number: 0 } });
    return { relay, cancelled };
  }
  const reset = { name: "StreamTerminatedError", code: 8 };

  test("is thrown into: the same error, and the call is cancelled", async () => {
    const { relay, cancelled } = await startRelay();
    expect(await rejection(relay.throw(mine))).toBe(mine);
    expect(await cancelled).toMatchObject(reset);
    expect(await relay.next()).toEqual({ done: true, value: undefined });
  });

  test("is returned from: the call is cancelled", async () => {
    const { relay, cancelled } = await startRelay();
    expect(await relay.return(undefined)).toEqual({ done: true, value: undefined });
    expect(await cancelled).toMatchObject(reset);
  });

  test("is read by a Readable that is destroyed: the Readable's error, and the call is cancelled", async () => {
    const { relay, cancelled } = await startRelay();
    const readable = Readable.from(relay);
    const failed = new Promise((resolve) => readable.once("error", resolve));
    readable.once("data", () => readable.destroy(mine));
    expect(await failed).toBe(mine);
    expect(await cancelled).toMatchObject(reset);
  });
});

test("throw() on responses that nobody has read makes no call", async () => {
  const { stub } = await startPair({});
  const responses = stub.serverStream({});
  expect(await rejection(responses.throw?.(mine) as Promise<unknown>)).toBe(mine);
  expect(await responses.next()).toEqual({ done: true, value: undefined });
});

test("a generator of the handler that passes on its requests is thrown into: the same error", async () => {
  const thrown = moment<unknown>();
  const bidi: TestHandlers["bidi"] = async function* (requests) {
    const relay = (async function* () {
      yield* requests;
    })();
    for await (const { text } of relay) {
      yield { text };
      thrown.happens(await rejection(relay.throw(mine)));
      return;
    }
  };
  const { stub } = await startPair({ bidi });
  const texts: string[] = [];
  for await (const { text } of stub.bidi([{ text: "only" }])) texts.push(text);
  expect(texts).toEqual(["only"]);
  expect(await thrown.promise).toBe(mine);
});
