import { AsyncLocalStorage } from "node:async_hooks";
import { create } from "@bufbuild/protobuf";
import { expect, onTestFinished, test, vi } from "vitest";
import { Metadata, Status, StreamTerminatedError } from "../../src/index.js";
import { Dispatcher } from "../../src/server/dispatcher.js";
import type { IncomingCall } from "../../src/transport/server.js";
import { type TestRequest, TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { startPair } from "../harness.js";
import { type TestHandlers, testService } from "./kinds.js";

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

/** Takes calls as a transport would. */
function startDispatcher(handlers: TestHandlers, method: string, { timeout }: { timeout?: number } = {}) {
  const route = new Dispatcher([testService(handlers)], {}).find(`/test.v1.TestService/${method}`);
  if (route === undefined) throw new Error("There is no such method");
  return () => {
    const finish = vi.fn();
    const stream: IncomingCall = {
      sendHeaders() {},
      send: () => true,
      finish,
      pause() {},
      resume() {},
    };
    const listener = route.handle(stream, { headers: { metadata: new Metadata() }, timeout, peer: "a test" });
    const receive = (text: string) => listener.onMessage(create(TestRequestSchema, { text }), text.length);
    return { listener, receive, finish };
  };
}

/** Takes unary calls. */
function startUnary(handler: (text: string) => void, options: { timeout?: number } = {}) {
  const unary = ({ text }: TestRequest) => {
    handler(text);
    return {};
  };
  const start = startDispatcher({ unary }, "Unary", options);
  return (text: string) => {
    const call = start();
    call.receive(text);
    call.listener.onRequestsEnd();
    return call;
  };
}

/** Takes calls whose handler reads requests, until they end or fail. */
function startReading(read: (text: string) => void, failed: (error: unknown) => void = () => {}) {
  const clientStream: TestHandlers["clientStream"] = async (requests) => {
    try {
      for await (const { text } of requests) read(text);
    } catch (error) {
      failed(error);
    }
    return {};
  };
  return startDispatcher({ clientStream }, "ClientStream");
}

/** How many there were in one turn of the event loop, at the most. */
function mostInOneTurn(events: readonly { turn: number }[]): number {
  const counts = new Map<number, number>();
  for (const { turn } of events) counts.set(turn, (counts.get(turn) ?? 0) + 1);
  return Math.max(...counts.values());
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

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
  // Half of those that wait, where there are many.
  expect(mostInOneTurn(starts)).toBeLessThanOrEqual(texts.length / 2);
});

test("of the handlers that wait for a request, not too many go on in one turn of the event loop", async () => {
  const count = countTurns();
  const reads: { text: string; turn: number }[] = [];
  const start = startReading((text) => reads.push({ text, turn: count.turns }));
  const calls = texts.map(start);
  await nextTurn();
  for (const [i, { receive }] of calls.entries()) receive(`call ${i}`);
  await vi.waitFor(() => expect(reads.map(({ text }) => text)).toEqual(texts));
  expect(mostInOneTurn(reads)).toBeLessThanOrEqual(texts.length / 2);
});

test("a few handlers get their requests at once", async () => {
  const read = vi.fn();
  const calls = texts.slice(0, 10).map(startReading(read));
  await nextTurn();
  for (const { receive } of calls) receive("a request");
  await new Promise<void>(queueMicrotask);
  expect(read).toHaveBeenCalledTimes(10);
});

test("a handler that waits for its turn with a request gets it, and those after it, before a reset", async () => {
  const read = vi.fn();
  const calls = texts.map(startReading(read));
  await nextTurn();
  for (const { receive } of calls) receive("a request");
  const last = calls.at(-1);
  last?.receive("the last request");
  last?.listener.onTerminated(undefined, "The connection to the client was lost");
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(texts.length + 1));
  expect(read).toHaveBeenLastCalledWith("the last request");
});

test("a handler that waits for a request gets the end of its call without a turn", async () => {
  const ended = vi.fn();
  const read = vi.fn();
  const calls = texts.map(startReading(read, ended));
  await nextTurn();
  for (const { receive } of calls.slice(0, -1)) receive("a request");
  calls.at(-1)?.listener.onTerminated(undefined, "The connection to the client was lost");
  await new Promise<void>(queueMicrotask);
  expect(ended).toHaveBeenCalledWith(expect.any(StreamTerminatedError));
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(texts.length - 1));
});

test("a few calls are started at once", () => {
  const handler = vi.fn();
  const receive = startUnary(handler);
  for (const text of texts.slice(0, 10)) receive(text);
  expect(handler).toHaveBeenCalledTimes(10);
});

test("a call that is over before its turn has come does not reach its handler", async () => {
  const handler = vi.fn();
  const receive = startUnary(handler);
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
  const receive = startUnary(handler, { timeout: 50 });
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
  const receive = startUnary((text) => {
    contexts.set(text, storage.getStore());
    storage.enterWith("the context of another call");
  });
  const calls = texts.map((text) => storage.run(text, () => receive(text)));
  await vi.waitFor(() => expect(calls.at(-1)?.finish).toHaveBeenCalled());
  expect([...contexts]).toEqual(texts.map((text) => [text, text]));
});

test("fake timers do not stop the calls that come after them", async () => {
  const handler = vi.fn();
  const receive = startUnary(handler);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  for (const text of texts) receive(text);
  vi.useRealTimers();
  const { finish } = receive("the last one");
  await vi.waitFor(() => expect(finish).toHaveBeenCalled());
  expect(handler).toHaveBeenCalledTimes(texts.length + 1);
});
