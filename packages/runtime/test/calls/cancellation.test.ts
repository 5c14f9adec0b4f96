import { randomBytes } from "node:crypto";
import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { GRPCError, type ServerContext, Status } from "../../src/index.js";
import { connect, moment, rejection, startPair, unusedPort } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

/** Handlers that run until their call is cancelled, with promises of their context and of the reason. */
function waitingHandlers() {
  const running = moment<ServerContext>();
  const cancelled = moment<unknown>();
  const handlers = handleAll(async (context) => {
    running.happens(context);
    await new Promise((resolve) => context.signal.addEventListener("abort", resolve, { once: true }));
    cancelled.happens(context.signal.reason);
    throw context.signal.reason;
  });
  return { handlers, running: running.promise, cancelled: cancelled.promise };
}

describe("an AbortSignal", () => {
  test.for(kinds)("%s: nothing is sent if it was aborted before the call", async (kind) => {
    // A connection attempt would be refused.
    const stub = connect(`http://127.0.0.1:${await unusedPort()}`);
    const reason = new Error("no need");
    const error = await rejection(call(stub, kind, { signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(GRPCError);
    expect(error).toMatchObject({ status: Status.CANCELLED, origin: "client" });
    expect((error as GRPCError).cause).toBe(reason);
  });

  test.for(kinds)("%s: aborting it during the call cancels both sides", async (kind) => {
    const { handlers, running, cancelled } = waitingHandlers();
    const { stub } = await startPair(handlers);
    const abort = new AbortController();
    const reason = new Error("changed my mind");

    const result = rejection(call(stub, kind, { signal: abort.signal }));
    const context = await running;
    abort.abort(reason);
    const error = await result;

    expect(error).toBeInstanceOf(GRPCError);
    expect(error).toMatchObject({ status: Status.CANCELLED, origin: "client", method: context.method.path });
    expect((error as GRPCError).cause).toBe(reason);
    expect(await cancelled).toMatchObject({ name: "StreamTerminatedError", code: 8 });
    expect(context.signal.aborted).toBe(true);
  });

  test.for(kinds)("%s: without a reason, the AbortError is the cause", async (kind) => {
    const { handlers, running } = waitingHandlers();
    const { stub } = await startPair(handlers);
    const abort = new AbortController();
    const result = rejection(call(stub, kind, { signal: abort.signal }));
    await running;
    abort.abort();
    expect(await result).toMatchObject({ status: Status.CANCELLED, cause: { name: "AbortError" } });
  });

  test.for(kinds)("%s: aborting it while the call waits for a connection cancels the call", async (kind) => {
    const stub = connect(`http://127.0.0.1:${await unusedPort()}`);
    const abort = new AbortController();
    const result = rejection(call(stub, kind, { signal: abort.signal, waitForReady: true }));
    abort.abort("enough");
    const error = await result;
    expect(error).toMatchObject({ status: Status.CANCELLED, cause: "enough" });
  });

  const reasons: Record<string, () => unknown> = {
    "the deadline error of another call": () => new GRPCError(Status.DEADLINE_EXCEEDED, "of another call"),
    "an error with another status": () => new GRPCError(Status.NOT_FOUND),
    "a TimeoutError": () => new DOMException("The operation timed out", "TimeoutError"),
  };

  test.for(Object.keys(reasons))("whatever its reason is, the status is CANCELLED: %s", async (name) => {
    for (const kind of kinds) {
      const { handlers, running } = waitingHandlers();
      const { stub } = await startPair(handlers);
      const abort = new AbortController();
      const reason = reasons[name]?.();
      const meanwhile = rejection(call(stub, kind, { signal: abort.signal }));
      const before = rejection(call(stub, kind, { signal: AbortSignal.abort(reason) }));
      await running;
      abort.abort(reason);
      for (const error of [await before, await meanwhile]) {
        expect(error).toMatchObject({ status: Status.CANCELLED, message: "Cancelled by the caller" });
        expect((error as Error).cause).toBe(reason);
      }
    }
  });

  test.for(kinds)("%s: aborting it in a hook cancels the call", async (kind) => {
    const { stub } = await startPair(handleAll(() => ({})));
    const abort = new AbortController();
    const error = await rejection(call(stub, kind, { signal: abort.signal, onHeaders: () => abort.abort("hook") }));
    expect(error).toMatchObject({ status: Status.CANCELLED, cause: "hook" });
  });

  test.for(kinds)("%s: it has no listeners after the call", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, [request]) => {
        if (request?.text === "fail") throw new GRPCError(Status.ABORTED);
        return {};
      }),
    );
    const abort = new AbortController();
    await call(stub, kind, { signal: abort.signal });
    await rejection(call(stub, kind, { signal: abort.signal }, { text: "fail" }));
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
    abort.abort();
  });

  test("one signal cancels many calls without a listener leak warning from Node", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    let running = 0;
    const all = moment();
    const { stub } = await startPair(
      handleAll(async ({ signal }) => {
        running += 1;
        if (running === 20) all.happens();
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        throw signal.reason;
      }),
    );
    const abort = new AbortController();

    const results = Array.from({ length: 20 }, (_, i) =>
      rejection(call(stub, kinds[i % 4] ?? "unary", { signal: abort.signal })),
    );
    await all.promise;
    abort.abort("all of you");

    expect(await Promise.all(results)).toMatchObject(Array(20).fill({ status: Status.CANCELLED, cause: "all of you" }));
    expect(warnings).toEqual([]);
  });
});

describe("leaving a response stream early", () => {
  /** A server with endless response streams. `closed` resolves when the generator's finally block runs. */
  async function startEndless() {
    const closed = moment<ServerContext>();
    async function* respond(_: unknown, context: ServerContext) {
      try {
        for (let number = 0; ; number++) yield { number };
      } finally {
        closed.happens(context);
      }
    }
    const { stub, reports } = await startPair({ serverStream: respond, bidi: respond, unary: () => ({}) });
    const start = { serverStream: () => stub.serverStream({}), bidi: () => stub.bidi([]) };
    return { start, stub, reports, closed: closed.promise };
  }
  const streaming = ["serverStream", "bidi"] as const;

  test.for(streaming)("%s: break cancels the call and runs the generator's finally block", async (kind) => {
    const { start, closed } = await startEndless();
    const numbers: number[] = [];
    for await (const { number } of start[kind]()) {
      numbers.push(number);
      if (number === 2) break;
    }
    expect(numbers).toEqual([0, 1, 2]);
    const { signal } = await closed;
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ name: "StreamTerminatedError", code: 8 });
  });

  test.for(streaming)("%s: an error thrown in the loop cancels the call and reaches the caller", async (kind) => {
    const { start, closed } = await startEndless();
    const failure = new Error("mine");
    const error = await rejection(
      (async () => {
        for await (const _ of start[kind]()) throw failure;
      })(),
    );
    expect(error).toBe(failure);
    expect((await closed).signal.aborted).toBe(true);
  });

  test.for(streaming)("%s: return() ends a pending next()", async (kind) => {
    const { handlers, running, cancelled } = waitingHandlers();
    const { stub } = await startPair(handlers);
    const responses = kind === "bidi" ? stub.bidi([]) : stub.serverStream({});
    const next = responses.next();
    await running;
    expect(await responses.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await responses.next()).toEqual({ done: true, value: undefined });
    expect(await cancelled).toMatchObject({ name: "StreamTerminatedError", code: 8 });
  });

  test("a stream that is closed before its first next() never starts a call", async () => {
    const { stub } = await startEndless();
    const responses = stub.serverStream({});
    await responses.return?.();
    expect(await responses.next()).toEqual({ done: true, value: undefined });
    await stub.unary({});
  });

  test("a generator that is blocked by backpressure ends too", async () => {
    const closed = moment();
    let produced = 0;
    // Random, because Connect compresses it.
    const data = randomBytes(256 * 1024);
    const { stub } = await startPair({
      async *serverStream() {
        try {
          for (;;) {
            yield { data };
            produced += 1;
          }
        } finally {
          closed.happens();
        }
      },
      unary: () => ({}),
    });
    const responses = stub.serverStream({});
    await responses.next();
    // Nobody reads, so the generator stops producing at some point.
    for (let before = -1; before < produced; ) {
      before = produced;
      for (let i = 0; i < 20; i++) await stub.unary({});
    }
    await responses.return?.();
    await closed.promise;
    expect(produced).toBeGreaterThan(0);
  });
});
