import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GRPCError, ProtocolError, type ServerInterceptor, Status, StreamTerminatedError } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { moment, rejection } from "../harness.js";
import { paths, RawClient } from "../peers/raw-client.js";
import { withServer } from "./pairs.js";

// Calls that end before their interceptors do, and interceptors that end before their handlers.

let unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);

beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", onUnhandled);
});

afterEach(async () => {
  await new Promise(setImmediate);
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});

const hanging: Record<string, ServerInterceptor> = {
  "before next()": () => new Promise(() => {}),
  "after next()": async (_call, next) => {
    await next().catch(() => {});
    await new Promise(() => {});
  },
  "while next() is pending": async (_call, next) => {
    void next();
    await new Promise(() => {});
  },
};

const cases = kinds.flatMap((kind) => Object.keys(hanging).map((when) => [kind, when] as const));

const pass: ServerInterceptor = async (_call, next) => next();

describe("an interceptor that never settles", () => {
  test.for(cases)("%s, %s: the client is answered at the deadline", async ([kind, when]) => {
    const { address } = await withServer(
      handleAll(() => ({})),
      pass,
      hanging[when] as ServerInterceptor,
    );
    const { headers, trailers } = await new RawClient(address).request({
      headers: { ":path": paths[kind], "grpc-timeout": "100m" },
    });
    expect(trailers["grpc-status"] ?? headers["grpc-status"]).toBe(String(Status.DEADLINE_EXCEEDED));
  });

  test.for(cases)("%s, %s: the server closes after its grace", async ([kind, when]) => {
    const entered = moment();
    const { stub, server } = await withServer(
      handleAll(() => ({})),
      async (call, next) => {
        entered.happens();
        await hanging[when]?.(call, next);
      },
    );
    const outcome = rejection(call(stub, kind));
    await entered.promise;
    const start = performance.now();
    await server.close({ grace: 50 });
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(await outcome).toMatchObject({ status: Status.UNAVAILABLE });
  });

  test.for(kinds)("%s: the signal aborts while it waits before next(), which then rejects", async (kind) => {
    const seen = moment<unknown[]>();
    const { address } = await withServer({}, async (call, next) => {
      await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
      const error = await rejection(next());
      seen.happens([error === call.signal.reason, (error as GRPCError).status]);
      throw error;
    });
    await new RawClient(address).request({ headers: { ":path": paths[kind], "grpc-timeout": "30m" } });
    expect(await seen.promise).toEqual([true, Status.DEADLINE_EXCEEDED]);
  });
});

/** Handlers that run until their call is cancelled. */
function waiting() {
  const running = moment();
  const reason = moment<unknown>();
  const handlers = handleAll(({ signal }) => {
    running.happens();
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        reason.happens(signal.reason);
        reject(signal.reason);
      }),
    );
  });
  return { handlers, running: running.promise, reason: reason.promise };
}

describe("an interceptor that ends before its handler", () => {
  test.for(kinds)("%s: its error is the outcome, and the signal of the handler aborts", async (kind) => {
    const { handlers, running, reason } = waiting();
    const tooSlow = new GRPCError(Status.RESOURCE_EXHAUSTED, "too slow");
    const { stub } = await withServer(handlers, pass, async (_call, next) => {
      void next();
      await running;
      throw tooSlow;
    });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, message: "too slow" });
    expect(await reason).toBe(tooSlow);
  });

  test.for(kinds)("%s: the outermost one ends the handler too", async (kind) => {
    const { handlers, running, reason } = waiting();
    const tooSlow = new GRPCError(Status.RESOURCE_EXHAUSTED, "too slow");
    const { stub } = await withServer(
      handlers,
      async (_call, next) => {
        await Promise.race([next(), running.then(() => Promise.reject(tooSlow))]);
      },
      pass,
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, message: "too slow" });
    expect(await reason).toBe(tooSlow);
  });

  test.for(kinds)("%s: it must not return", async (kind) => {
    const { handlers, running, reason } = waiting();
    const { stub, reports } = await withServer(handlers, async (_call, next) => {
      void next();
      await running;
    });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNKNOWN, origin: "peer" });
    const { error } = await reports.next();
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toMatch(/^An interceptor of .* has returned before its next\(\) settled\./);
    expect(await reason).toBe(error);
  });

  test.for(kinds)("%s: a later error of the handler is reported", async (kind) => {
    const { promise: released, happens: release } = moment();
    const running = moment();
    const mistake = new Error("too late");
    const { stub, reports } = await withServer(
      handleAll(async () => {
        running.happens();
        await released;
        throw mistake;
      }),
      async (_call, next) => {
        void next();
        await running.promise;
        throw new GRPCError(Status.ABORTED);
      },
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.ABORTED });
    release();
    expect(((await reports.next()).error as Error).cause).toBe(mistake);
  });
});

describe("an interceptor that sends the status while its handler runs", () => {
  const cases = kinds.map((kind) => [kind, Status.RESOURCE_EXHAUSTED] as const);
  const streaming = (["serverStream", "bidi"] as const).map((kind) => [kind, Status.OK] as const);

  test.for([...cases, ...streaming])("%s, status %i: the handler is cancelled", async ([kind, status]) => {
    const { handlers, running, reason } = waiting();
    const seen = moment<unknown[]>();
    const { stub, reports } = await withServer(
      handlers,
      async (call, next) => {
        const done = next();
        await running;
        call.sendTrailingMetadata({ status, message: "enough" });
        const error = await rejection(done);
        const outcome = await call.outcome;
        seen.happens([error, call.signal.reason, outcome.status, outcome.error]);
      },
      pass,
    );
    const outcome = await call(stub, kind).catch((error: unknown) => error);
    const cancelled = await reason;
    const isOk = status === Status.OK;
    expect(outcome).toEqual(isOk ? [] : expect.objectContaining({ status, statusMessage: "enough" }));
    expect(cancelled).toMatchObject(
      isOk
        ? { status: Status.CANCELLED, message: "An interceptor has ended the call" }
        : { status, statusMessage: "enough" },
    );
    expect(await seen.promise).toEqual([cancelled, cancelled, status, isOk ? undefined : cancelled]);
    expect(reports.take()).toEqual([]);
  });

  test("a handler that iterates over requests gets the reason, and a generator ends", async () => {
    const ended = moment<unknown>();
    const { stub } = await withServer(
      {
        async *bidi(requests) {
          try {
            for await (const _ of requests) yield {};
          } catch (error) {
            ended.happens(error);
            throw error;
          }
        },
      },
      async (call, next) => {
        const done = next();
        await new Promise((resolve) => setTimeout(resolve, 20));
        call.sendTrailingMetadata({ status: Status.ABORTED });
        await done;
      },
    );
    const stream = stub.bidi.open();
    await stream.sendRequest();
    expect(await rejection(stream.recvMessage())).toMatchObject({ status: Status.ABORTED });
    expect(await ended.promise).toMatchObject({ status: Status.ABORTED });
  });

  test("a status that cannot be sent cancels nothing", async () => {
    const { stub } = await withServer(
      handleAll(async () => ({ text: "a" })),
      async (call, next) => {
        const done = next();
        expect(() => call.sendTrailingMetadata({ status: Status.OK })).toThrow(ProtocolError);
        await done;
        expect(call.signal.aborted).toBe(false);
      },
    );
    expect(await call(stub, "unary")).toMatchObject([{ text: "a" }]);
  });
});

describe("next()", () => {
  test.for(kinds)("%s: runs the handler once", async (kind) => {
    const seen: unknown[] = [];
    let runs = 0;
    const { stub } = await withServer(
      handleAll(() => {
        runs++;
        return {};
      }),
      async (_call, next) => {
        await next();
        seen.push(await rejection(next()));
      },
    );
    await call(stub, kind);
    expect(runs).toBe(1);
    expect(seen).toMatchObject([
      { name: "ProtocolError", message: "next() has already been called. It runs the handler, so call it once." },
    ]);
  });

  test.for(kinds)("%s: called too often or too late, it does not end the process", async (kind) => {
    let late: (() => Promise<void>) | undefined;
    const { stub } = await withServer(
      handleAll(() => ({})),
      async (_call, next) => {
        late = next;
        await next();
        void next();
      },
    );
    await call(stub, kind);
    await new Promise(setImmediate);
    void late?.();
  });

  test.for(["serverStream", "bidi"] as const)(
    "%s: cannot be called after the interceptor has returned",
    async (kind) => {
      const later = moment<() => Promise<void>>();
      const { stub } = await withServer(
        {},
        async (_call, next) => {
          await next();
          const lateNext = await later.promise;
          const error = await rejection(lateNext());
          throw new GRPCError(Status.ABORTED, (error as Error).message);
        },
        async (_call, next) => later.happens(next),
      );
      expect(await rejection(call(stub, kind))).toMatchObject({
        message: "The interceptor has already returned, so it cannot call next(). Await next() before returning.",
      });
    },
  );
});

test.for(kinds)("%s: an error of an interceptor after the client has left is reported", async (kind) => {
  const running = moment();
  const mistake = new Error("too late");
  const { stub, reports } = await withServer({}, async ({ signal }) => {
    running.happens();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    expect(signal.reason).toBeInstanceOf(StreamTerminatedError);
    throw mistake;
  });
  const controller = new AbortController();
  const outcome = rejection(call(stub, kind, { signal: controller.signal }));
  await running.promise;
  controller.abort();
  await outcome;
  expect(((await reports.next()).error as Error).cause).toBe(mistake);
});
