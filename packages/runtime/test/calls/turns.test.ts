import { AsyncLocalStorage } from "node:async_hooks";
import { create } from "@bufbuild/protobuf";
import { expect, onTestFinished, test, vi } from "vitest";
import { Metadata, Status, StreamTerminatedError } from "../../src/index.js";
import { takeTurn } from "../../src/node/turns.js";
import { Dispatcher } from "../../src/server/dispatcher.js";
import type { IncomingCall } from "../../src/transport/server.js";
import { type TestRequest, TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { startPair } from "../harness.js";
import { startSource } from "../pull-source.js";
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

/** Returns a function that starts a call as a transport would. */
function startDispatcher(handlers: TestHandlers, method: string, { timeout }: { timeout?: number } = {}) {
  const route = new Dispatcher([testService(handlers)], {}, takeTurn).find(`/test.v1.TestService/${method}`);
  if (route === undefined) throw new Error("There is no such method");
  return () => {
    const { pull, arrive, end } = startSource<TestRequest>({
      onMessage: (message) => listener.onMessage(message),
      onEnd: () => listener.onMessagesEnd(),
    });
    const finish = vi.fn(end);
    const stream: IncomingCall = {
      compression: "identity",
      useCompression: () => true,
      sendHeaders() {},
      send: () => true,
      finish,
      pull,
    };
    const listener = route.handle(stream, {
      metadata: new Metadata(),
      timeout,
      peer: "a test",
      previousAttempts: 0,
    });
    const receive = (text: string) => arrive(create(TestRequestSchema, { text }));
    const lose = () => {
      listener.onClientLost(new StreamTerminatedError("The connection to the client was lost"));
      end();
    };
    return { receive, end, lose, finish, pull };
  };
}

/** Returns a function that starts a unary call and sends its whole request. */
function startUnary(handler: (text: string) => void, options: { timeout?: number } = {}) {
  const unary = ({ text }: TestRequest) => {
    handler(text);
    return {};
  };
  const start = startDispatcher({ unary }, "Unary", options);
  return (text: string) => {
    const call = start();
    call.receive(text);
    call.end();
    return call;
  };
}

/** Returns a function that starts a call whose handler reads requests. `ended` gets the iteration's error, if any. */
function startReading(read: (text: string) => void, ended: (error?: unknown) => void = () => {}) {
  const clientStream: TestHandlers["clientStream"] = async (requests) => {
    try {
      for await (const { text } of requests) read(text);
      ended();
    } catch (error) {
      ended(error);
    }
    return {};
  };
  return startDispatcher({ clientStream }, "ClientStream");
}

/**
 * Starts calls whose handlers wait for a request. Requests for other handlers then
 * exhaust the limit of the current turn, so that these handlers wait for the next.
 */
async function startBusy(start: ReturnType<typeof startReading>, count: number) {
  const calls = Array.from({ length: count }, start);
  const busy = texts.map(startReading(() => {}));
  await nextTurn();
  for (const { receive } of busy) receive("a request");
  return calls;
}

/** The number of events in each turn of the event loop that has any. */
function countsByTurn(events: readonly { turn: number }[]): number[] {
  const counts = new Map<number, number>();
  for (const { turn } of events) counts.set(turn, (counts.get(turn) ?? 0) + 1);
  return [...counts.values()];
}

/** Runs everything that does not wait for the next turn. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

const texts = Array.from({ length: 200 }, (_, i) => `call ${i}`);

test("the server limits how many of the calls that arrive together it starts per turn of the event loop", async () => {
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
  // At most half of a large backlog.
  expect(Math.max(...countsByTurn(starts))).toBeLessThanOrEqual(texts.length / 2);
});

test("the server limits how many handlers that wait for a request it resumes per turn of the event loop", async () => {
  const count = countTurns();
  const reads: { text: string; turn: number }[] = [];
  const calls = texts.map(startReading((text) => reads.push({ text, turn: count.turns })));
  await nextTurn();
  for (const [i, { receive }] of calls.entries()) receive(`call ${i}`);
  await vi.waitFor(() => expect(reads.map(({ text }) => text)).toEqual(texts));
  const [first, ...later] = countsByTurn(reads);
  expect(first).toBeLessThanOrEqual(32);
  expect(Math.max(...later)).toBeLessThanOrEqual(texts.length / 2);
});

test("a few handlers get their requests in the same turn", async () => {
  const read = vi.fn();
  const calls = texts.slice(0, 10).map(startReading(read));
  await nextTurn();
  for (const { receive } of calls) receive("a request");
  await microtasks();
  expect(read).toHaveBeenCalledTimes(10);
});

test("a handler that waits for its turn gets the requests that arrived before a reset, and then the reset", async () => {
  const events: unknown[] = [];
  const event = (what: unknown) => void events.push(what);
  const [call] = await startBusy(startReading(event, event), 1);
  call?.receive("one");
  call?.receive("two");
  call?.lose();
  await microtasks();
  expect(events).toEqual([]);
  await vi.waitFor(() => expect(events).toEqual(["one", "two", expect.any(StreamTerminatedError)]));
});

test("a handler learns of the end of its requests, or of its call, without waiting for a turn", async () => {
  const ended = vi.fn();
  const [first, second] = await startBusy(startReading(vi.fn(), ended), 2);
  first?.end();
  second?.lose();
  await microtasks();
  expect(ended.mock.calls).toEqual([[], [expect.any(StreamTerminatedError)]]);
});

test("pending next() calls on the same requests resolve in order, even if they wait for a turn", async () => {
  const results: unknown[] = [];
  let readOnce = () => {};
  const clientStream: TestHandlers["clientStream"] = (requests) => {
    const iterator = requests[Symbol.asyncIterator]();
    const push = (result: unknown) => void results.push(result);
    readOnce = () => void iterator.next().then(({ value }) => push(value?.text), push);
    readOnce();
    readOnce();
    return new Promise(() => {});
  };
  const [call] = await startBusy(startDispatcher({ clientStream }, "ClientStream"), 1);
  call?.receive("one");
  call?.receive("two");
  call?.receive("three");
  readOnce();
  readOnce();
  call?.lose();
  const reset = expect.any(StreamTerminatedError);
  await vi.waitFor(() => expect(results).toEqual(["one", "two", "three", reset]));
});

test("a handler that waits for its turn holds one request, and pulls the next one once it has read it", async () => {
  const read = vi.fn();
  const [call] = await startBusy(startReading(read), 1);
  expect(call?.pull).toHaveBeenCalledTimes(1);
  call?.receive("one");
  call?.receive("two");
  await microtasks();
  expect(call?.pull).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(read.mock.calls).toEqual([["one"], ["two"]]));
  expect(call?.pull).toHaveBeenCalledTimes(3);
});

test("a few calls are started in the same turn", () => {
  const handler = vi.fn();
  const receive = startUnary(handler);
  for (const text of texts.slice(0, 10)) receive(text);
  expect(handler).toHaveBeenCalledTimes(10);
});

test("a call that ends before its turn does not reach its handler", async () => {
  const handler = vi.fn();
  const receive = startUnary(handler);
  const calls = texts.map(receive);
  calls.at(-1)?.lose();
  await vi.waitFor(() => expect(calls.at(-2)?.finish).toHaveBeenCalled());
  expect(handler.mock.calls.flat()).toEqual(texts.slice(0, -1));
  expect(calls.at(-1)?.finish).not.toHaveBeenCalled();
});

test("a call whose deadline passes while it waits for its turn does not reach its handler", async () => {
  const busy = "call 40";
  const handler = vi.fn((text: string) => {
    // Block the thread beyond the deadline, so that no timer can fire.
    for (const end = performance.now() + 60; text === busy && performance.now() < end; );
  });
  const receive = startUnary(handler, { timeout: 50 });
  const calls = new Map(texts.slice(0, 64).map((text) => [text, receive(text)]));
  // The next call in the same turn.
  const next = "call 41";
  await vi.waitFor(() => expect(calls.get(next)?.finish).toHaveBeenCalled());
  expect(calls.get(next)?.finish).toHaveBeenCalledWith(expect.objectContaining({ status: Status.DEADLINE_EXCEEDED }));
  expect(handler).toHaveBeenCalledWith(busy);
  expect(handler).not.toHaveBeenCalledWith(next);
});

test("a handler that has waited for its turn runs in the async context of its own call", async () => {
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

test("calls still start after a test has used fake timers", async () => {
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
