import { AsyncLocalStorage } from "node:async_hooks";
import { create } from "@bufbuild/protobuf";
import { expect, onTestFinished, test, vi } from "vitest";
import { Metadata, Status } from "../../src/index.js";
import { Dispatcher } from "../../src/server/dispatcher.js";
import type { IncomingCall } from "../../src/transport/server.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { startPair } from "../harness.js";
import { testService } from "./kinds.js";

/** Counts the turns of the event loop until the test is over. */
function countTurns(): { readonly turns: number } {
  const count = { turns: 0 };
  const next = () => {
    count.turns += 1;
    immediate = setImmediate(next);
  };
  let immediate = setImmediate(next);
  onTestFinished(() => clearImmediate(immediate));
  return count;
}

/** Takes requests as a transport would. */
function startDispatcher(handler: (text: string) => void, { timeout }: { timeout?: number } = {}) {
  const service = testService({
    unary: ({ text }) => {
      handler(text);
      return {};
    },
  });
  const route = new Dispatcher([service], {}).find("/test.v1.TestService/Unary");
  if (route === undefined) throw new Error("There is no such method");
  return (text: string) => {
    const finish = vi.fn();
    const stream: IncomingCall = {
      method: route.method,
      metadata: new Metadata(),
      timeout,
      peer: "a test",
      sendHeaders() {},
      send: () => true,
      finish,
      pause() {},
      resume() {},
    };
    const listener = route.handle(stream);
    listener.onMessage(create(TestRequestSchema, { text }), text.length);
    listener.onRequestsEnd();
    return { listener, finish };
  };
}

const texts = Array.from({ length: 200 }, (_, i) => `call ${i}`);

test("of the calls that arrive together, not too many are started in one turn of the event loop", async () => {
  const count = countTurns();
  const starts: { text: string; turn: number }[] = [];
  const { stub } = await startPair({
    unary: ({ text }) => {
      starts.push({ text, turn: count.turns });
      return { text };
    },
  });
  await stub.unary({});
  starts.length = 0;
  const responses = await Promise.all(texts.map((text) => stub.unary({ text })));
  expect(responses.map(({ text }) => text)).toEqual(texts);
  expect(starts.map(({ text }) => text)).toEqual(texts);
  const startsPerTurn = new Map<number, number>();
  for (const { turn } of starts) startsPerTurn.set(turn, (startsPerTurn.get(turn) ?? 0) + 1);
  // Half of those that wait, where there are many.
  expect(Math.max(...startsPerTurn.values())).toBeLessThanOrEqual(texts.length / 2);
});

test("a few calls are started at once", () => {
  const handler = vi.fn();
  const receive = startDispatcher(handler);
  for (const text of texts.slice(0, 10)) receive(text);
  expect(handler).toHaveBeenCalledTimes(10);
});

test("a call that is over before its turn has come does not reach its handler", async () => {
  const handler = vi.fn();
  const receive = startDispatcher(handler);
  const calls = texts.map(receive);
  calls.at(-1)?.listener.onTerminated(undefined, "The connection to the client was lost");
  await vi.waitFor(() => expect(calls.at(-2)?.finish).toHaveBeenCalled());
  expect(handler.mock.calls.flat()).toEqual(texts.slice(0, -1));
  expect(calls.at(-1)?.finish).not.toHaveBeenCalled();
});

test("a call whose deadline passes while others have their turn does not reach its handler", async () => {
  const busy = "call 40";
  const handler = vi.fn((text: string) => {
    // It keeps the thread for so long that no timer can fire.
    for (const end = performance.now() + 60; text === busy && performance.now() < end; );
  });
  const receive = startDispatcher(handler, { timeout: 50 });
  const calls = new Map(texts.slice(0, 64).map((text) => [text, receive(text)]));
  // Started in the same turn.
  const next = "call 41";
  await vi.waitFor(() => expect(calls.get(next)?.finish).toHaveBeenCalled());
  expect(calls.get(next)?.finish).toHaveBeenCalledWith(expect.objectContaining({ status: Status.DEADLINE_EXCEEDED }));
  expect(handler).toHaveBeenCalledWith(busy);
  expect(handler).not.toHaveBeenCalledWith(next);
});

test("a handler that has waited for its turn has the async context of its own call", async () => {
  const storage = new AsyncLocalStorage<string>();
  const contexts = new Map<string, string | undefined>();
  const receive = startDispatcher((text) => {
    contexts.set(text, storage.getStore());
    storage.enterWith("the context of another call");
  });
  const calls = texts.map((text) => storage.run(text, () => receive(text)));
  await vi.waitFor(() => expect(calls.at(-1)?.finish).toHaveBeenCalled());
  expect([...contexts]).toEqual(texts.map((text) => [text, text]));
});

test("fake timers do not stop the calls that come after them", async () => {
  const handler = vi.fn();
  const receive = startDispatcher(handler);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  for (const text of texts) receive(text);
  vi.useRealTimers();
  const { finish } = receive("the last one");
  await vi.waitFor(() => expect(finish).toHaveBeenCalled());
  expect(handler).toHaveBeenCalledTimes(texts.length + 1);
});
