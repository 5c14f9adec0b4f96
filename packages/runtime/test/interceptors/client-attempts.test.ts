import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ClientInterceptor, GRPCError, ProtocolError, type ServerContext, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { moment, rejection, startPair } from "../harness.js";
import { withClient } from "./pairs.js";

const single = ["unary", "clientStream"] as const;
const streaming = ["serverStream", "bidi"] as const;

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

/** Handlers that fail for the first `failures` attempts, and then return all requests. */
function flaky(failures: number, seen: ServerContext[] = []) {
  return handleAll((context, requests) => {
    seen.push(context);
    if (seen.length <= failures) throw new GRPCError(Status.UNAVAILABLE, `attempt ${seen.length}`);
    return { text: requests.map(({ text }) => text).join() };
  });
}

/** Calls `next()` again after a failure. */
const retry =
  (attempts: number, maxBytes?: number): ClientInterceptor =>
  async (call, next) => {
    call.keepRequests(maxBytes);
    for (let left = attempts - 1; left > 0; left--) {
      try {
        return await next();
      } catch (error) {
        if (!(error instanceof GRPCError) || error.status !== Status.UNAVAILABLE || call.committed) throw error;
      }
    }
    return next();
  };

const pass: ClientInterceptor = async (_call, next) => next();

describe("next() after a failure", () => {
  test.for(kinds)("%s: starts another attempt, with the same requests", async (kind) => {
    const seen: ServerContext[] = [];
    const { stub } = await withClient(flaky(2, seen), pass, retry(3), pass);
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "a" }]);
    expect(seen.map(({ previousAttempts }) => previousAttempts)).toEqual([0, 1, 2]);
  });

  test.for(kinds)("%s: the error of the last attempt reaches the caller", async (kind) => {
    const { stub } = await withClient(flaky(3), retry(3));
    expect(await rejection(call(stub, kind))).toMatchObject({ message: "attempt 3", origin: "peer" });
  });

  test.for(kinds)("%s: an inner interceptor runs for each attempt, and is told of the earlier ones", async (kind) => {
    const seen: number[] = [];
    const { stub } = await withClient(flaky(2), retry(3), async (call, next) => {
      seen.push(call.previousAttempts);
      return next();
    });
    await call(stub, kind);
    expect(seen).toEqual([0, 1, 2]);
  });

  test.for(kinds)("%s: open() continues with the attempt that succeeds", async (kind) => {
    const { stub } = await withClient(flaky(1), retry(2));
    const seen = await stub[kind].open(async (stream) => {
      await stream.sendMessage({ text: "a" });
      await stream.end();
      return [(await stream.recvMessage())?.text, await stream.recvMessage(), stream.initialMetadata?.get("none")];
    });
    expect(seen).toEqual(["a", undefined, undefined]);
  });

  test.for(kinds)("%s: later attempts have less time", async (kind) => {
    const seen: ServerContext[] = [];
    const { stub } = await withClient(flaky(1, seen), async (call, next) => {
      call.keepRequests();
      await rejection(next());
      await new Promise((resolve) => setTimeout(resolve, 300));
      return next();
    });
    await call(stub, kind, { timeout: 60_000 });
    const [first, second] = seen.map(({ deadline }) => deadline?.remaining() ?? 0);
    // Each is counted from the arrival of its attempt, so with the same timeout the second would be 300 ms later.
    expect(Math.abs((second ?? 0) - (first ?? 0))).toBeLessThan(200);
  });

  test.for(kinds)("%s: no attempt starts after the deadline", async (kind) => {
    const errors: unknown[] = [];
    const { stub } = await withClient({}, async (call, next) => {
      await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
      errors.push(await rejection(next()));
      return next();
    });
    const error = await rejection(call(stub, kind, { timeout: 30 }));
    expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(errors).toMatchObject([{ status: Status.DEADLINE_EXCEEDED, message: (error as Error).message }]);
  });
});

describe("keepRequests()", () => {
  // Each request with a text of 98 characters has 100 bytes.
  const requests = Array.from({ length: 3 }, () => ({ text: "x".repeat(98) }));
  const send = async (stub: Awaited<ReturnType<typeof withClient>>["stub"], kind: "clientStream" | "bidi") =>
    kind === "bidi" ? (await stub.bidi(requests).next()).value : await stub.clientStream(requests);
  const text = requests.map(({ text }) => text).join();

  test.for(["clientStream", "bidi"] as const)("%s: keeps requests up to the limit", async (kind) => {
    const { stub } = await withClient(flaky(1), retry(2, 300));
    expect(await send(stub, kind)).toMatchObject({ text });
  });

  test.for(["clientStream", "bidi"] as const)("%s: keeps none above the limit", async (kind) => {
    const committed: boolean[] = [];
    const { stub } = await withClient(flaky(1), async (call, next) => {
      call.keepRequests(299);
      committed.push(call.committed);
      await rejection(next());
      committed.push(call.committed);
      return next();
    });
    const error = await rejection(send(stub, kind));
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toMatch(/^Requests of .* were not kept, so next\(\) cannot be called again/);
    expect(committed).toEqual([false, true]);
  });

  test.for(["clientStream", "bidi"] as const)("%s: without it, no streamed request is kept", async (kind) => {
    const { stub } = await withClient(flaky(1), async (_call, next) => {
      await rejection(next());
      return next();
    });
    expect(await rejection(send(stub, kind))).toBeInstanceOf(ProtocolError);
  });

  test.for(["clientStream", "bidi"] as const)("%s: without requests, none have to be kept", async (kind) => {
    const { stub } = await withClient(flaky(1), async (_call, next) => {
      await rejection(next());
      return next();
    });
    const result = kind === "bidi" ? (await stub.bidi([]).next()).value : await stub.clientStream([]);
    expect(result).toMatchObject({ text: "" });
  });

  test.for(["unary", "serverStream"] as const)("%s: a single request is always kept", async (kind) => {
    const { stub } = await withClient(flaky(1), async (call, next) => {
      call.keepRequests(0);
      await rejection(next());
      return next();
    });
    expect(await call(stub, kind, {}, { text: "x".repeat(1000) })).toMatchObject([{ text: "x".repeat(1000) }]);
  });

  test.for(kinds)("%s: the error of a request that cannot be encoded is as without", async (kind) => {
    const request = { number: 2 ** 40 };
    const { stub } = await withClient(flaky(0), async (call, next) => {
      call.keepRequests();
      return next();
    });
    const { stub: plain } = await startPair(flaky(0));
    const expected = (await rejection(call(plain, kind, {}, request))) as GRPCError;
    const { status, message } = expected;
    expect(status).toBe(Status.INTERNAL);
    expect(await rejection(call(stub, kind, {}, request))).toMatchObject({ status, message, origin: "client" });
  });

  test.for([-1, Number.NaN, "1" as never])("%s is not a size", async (size) => {
    const { stub } = await withClient({}, async (call, next) => {
      call.keepRequests(size);
      return next();
    });
    expect(await rejection(stub.unary({}))).toBeInstanceOf(TypeError);
  });
});

describe("after the response headers", () => {
  test.for(kinds)("%s: next() is refused", async (kind) => {
    const committed: boolean[] = [];
    const { stub } = await withClient(
      handleAll((context) => {
        context.sendInitialMetadata({});
        throw new GRPCError(Status.UNAVAILABLE);
      }),
      async (call, next) => {
        call.keepRequests();
        await rejection(next());
        committed.push(call.committed);
        return next();
      },
    );
    const error = await rejection(call(stub, kind));
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toMatch(/^The response of .* has begun/);
    expect(committed).toEqual([true]);
  });
});

describe("two attempts at a time", () => {
  /** Two attempts: the second starts when the first one has reached the server. */
  function startHedging(respond: (context: ServerContext) => Promise<object>) {
    const arrived = [moment(), moment()];
    const cancelled = moment<unknown>();
    const handlers = handleAll(async (context) => {
      const attempt = Number(context.metadata.get("attempt"));
      context.signal.addEventListener("abort", () => cancelled.happens(attempt));
      arrived[attempt]?.happens();
      return respond(context);
    });
    const hedge: ClientInterceptor = async (call, next) => {
      call.keepRequests();
      call.metadata.set("attempt", "0");
      const first = next();
      await arrived[0]?.promise;
      call.metadata.set("attempt", "1");
      return Promise.any([first, next()]);
    };
    return { handlers, hedge, arrived, cancelled: cancelled.promise };
  }

  test.for(single)("%s: the first one with headers wins, and the other is cancelled", async (kind) => {
    const { handlers, hedge, cancelled } = startHedging(async ({ metadata }) => {
      if (metadata.get("attempt") === "0") await new Promise((resolve) => setTimeout(resolve, 300));
      return { text: `${metadata.get("attempt")}` };
    });
    const outcomes: unknown[] = [];
    const { stub } = await withClient(handlers, async (call, next) => {
      const result = await hedge(call, next);
      outcomes.push((await call.outcome).status);
      return result;
    });
    expect(await call(stub, kind)).toMatchObject([{ text: "1" }]);
    expect(await cancelled).toBe(0);
    expect(outcomes).toEqual([Status.OK]);
  });

  test.for(single)("%s: the interceptor inside that loses learns it", async (kind) => {
    const { handlers, hedge } = startHedging(async ({ metadata }) => {
      if (metadata.get("attempt") === "0") await new Promise((resolve) => setTimeout(resolve, 300));
      return { text: `${metadata.get("attempt")}` };
    });
    const seen: unknown[] = [];
    const { stub } = await withClient(handlers, hedge, async (call, next) => {
      const attempt = call.metadata.get("attempt");
      call.signal.addEventListener("abort", () => seen.push([attempt, "aborted"]));
      try {
        return await next();
      } finally {
        seen.push([attempt, Status[(await call.outcome).status]]);
      }
    });
    expect(await call(stub, kind)).toMatchObject([{ text: "1" }]);
    await new Promise(setImmediate);
    expect(seen.map((each) => `${each}`).sort()).toEqual(["0,CANCELLED", "0,aborted", "1,OK"]);
  });

  test.for(single)("%s: one that fails without headers leaves it to the other", async (kind) => {
    const { handlers, hedge, arrived } = startHedging(async ({ metadata }) => {
      if (metadata.get("attempt") === "1") throw new GRPCError(Status.UNAVAILABLE);
      await arrived[1]?.promise;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { text: "0" };
    });
    const { stub } = await withClient(handlers, hedge);
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "0" }]);
  });

  test.for(streaming)("%s: are refused", async (kind) => {
    const { stub } = await withClient(flaky(0), async (call, next) => {
      call.keepRequests();
      const first = next();
      const error = await rejection(next());
      await first;
      throw error;
    });
    const error = await rejection(call(stub, kind));
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toMatch(/^An attempt of .* is running\. Await next\(\)/);
  });
});
