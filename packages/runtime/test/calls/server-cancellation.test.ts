import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { GRPCError, type ServerContext, Status, StreamTerminatedError } from "../../src/index.js";
import { collect, moment, rejection, startPair } from "../harness.js";
import { call, handleAll, handleRequests, type Kind, kinds } from "./kinds.js";

/**
 * Starts a call and cancels it while its handler runs. Resolves when the
 * handler has ended.
 */
async function cancelWhile(kind: Kind, handler: (context: ServerContext) => Promise<never>) {
  const running = moment<ServerContext>();
  const over = moment();
  const { stub, reports } = await startPair(
    handleAll(async (context) => {
      running.happens(context);
      try {
        return await handler(context);
      } finally {
        over.happens();
      }
    }),
  );
  const abort = new AbortController();
  const result = rejection(call(stub, kind, { signal: abort.signal }));
  const context = await running.promise;
  abort.abort();
  expect(await result).toMatchObject({ status: Status.CANCELLED });
  await over.promise;
  return { context, reports, stub };
}

async function aborted(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

describe("a cancelled handler", () => {
  const clean: Record<string, (context: ServerContext) => Promise<never>> = {
    "rejects with signal.reason": async ({ signal }) => {
      await aborted(signal);
      throw signal.reason;
    },
    "rejects with an error whose cause it is": async ({ signal }) => {
      await aborted(signal);
      throw new Error("outer", { cause: new Error("middle", { cause: signal.reason }) });
    },
    "rejects with an AbortError": async ({ signal }) => {
      await delay(60_000, undefined, { signal });
      throw new Error("not reached");
    },
    "rejects with an AbortError that does not have it as its cause": async ({ signal }) => {
      await aborted(signal);
      throw new DOMException("The operation was aborted", "AbortError");
    },
    "calls signal.throwIfAborted()": async ({ signal }) => {
      await aborted(signal);
      signal.throwIfAborted();
      throw new Error("not reached");
    },
    returns: async ({ signal }) => {
      await aborted(signal);
      return { text: "too late" } as never;
    },
    "returns nothing": async ({ signal }) => {
      await aborted(signal);
      return undefined as never;
    },
  };
  for (const [name, handler] of Object.entries(clean)) {
    test.for(kinds)(`%s: is not reported if it ${name}`, async (kind) => {
      const { reports, stub } = await cancelWhile(kind, handler);
      // After one more round trip, everything that the handler left pending has run.
      expect(await rejection(stub.unary({}, { timeout: 20 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
      expect(reports.take()).toEqual([]);
    });
  }

  test.for(kinds)("%s: is reported if it rejects with another error", async (kind) => {
    const failure = new Error("the clean-up failed");
    const { context, reports } = await cancelWhile(kind, async ({ signal }) => {
      await aborted(signal);
      throw failure;
    });
    const { error, info } = await reports.next();
    expect(error).toMatchObject({ message: "Failed to handle cancellation" });
    expect((error as Error).cause).toBe(failure);
    expect(info).toMatchObject({ method: context.method.path, peer: context.peer });
  });

  test.for(kinds)("%s: is reported if it rejects with a GRPCError of its own", async (kind) => {
    const { reports } = await cancelWhile(kind, async ({ signal }) => {
      await aborted(signal);
      throw new GRPCError(Status.INTERNAL, "unrelated");
    });
    expect((await reports.next()).error).toMatchObject({ message: "Failed to handle cancellation" });
  });

  test.for(kinds)("%s: may still send metadata, which is discarded", async (kind) => {
    const { context, reports } = await cancelWhile(kind, async (context) => {
      await aborted(context.signal);
      context.sendInitialMetadata({ late: "1" });
      return context.sendTrailingMetadata({ status: Status.ABORTED }) as never;
    });
    expect(context.signal.reason).toBeInstanceOf(StreamTerminatedError);
    expect(reports.take()).toEqual([]);
  });
});

describe("the signal of a context", () => {
  test.for(kinds)("%s: its reason says that the client has reset the stream", async (kind) => {
    const { context } = await cancelWhile(kind, async ({ signal }) => {
      await aborted(signal);
      throw signal.reason;
    });
    expect(context.signal.reason).toBeInstanceOf(StreamTerminatedError);
    expect(context.signal.reason).toMatchObject({ code: 8, message: expect.stringContaining("CANCEL") });
  });

  test.for(kinds)("%s: it is aborted even if the handler first reads it after the cancellation", async (kind) => {
    const { stub } = await startPair({ unary: () => ({}) });
    const asked = moment<AbortSignal>();
    const running = moment();
    const cancelled = moment();
    const pair = await startPair(
      handleAll(async (context) => {
        running.happens();
        await cancelled.promise;
        await stub.unary({});
        asked.happens(context.signal);
        throw context.signal.reason;
      }),
    );
    const abort = new AbortController();
    const result = rejection(call(pair.stub, kind, { signal: abort.signal }));
    await running.promise;
    abort.abort();
    await result;
    await pair.stub
      .serverStream({}, { timeout: 0 })
      .next()
      .catch(() => {});
    cancelled.happens();
    const signal = await asked.promise;
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(StreamTerminatedError);
  });

  test.for(kinds)("%s: its reason says that the connection was lost", async (kind) => {
    const running = moment<ServerContext>();
    const { stub, channel } = await startPair(
      handleAll(async (context) => {
        running.happens(context);
        await aborted(context.signal);
        throw context.signal.reason;
      }),
    );
    const result = rejection(call(stub, kind));
    const { signal } = await running.promise;
    const isAborted = aborted(signal);
    await channel.close();
    await isAborted;
    expect(signal.reason).toBeInstanceOf(StreamTerminatedError);
    expect(signal.reason).toMatchObject({ code: undefined, message: "The connection to the client was lost" });
    expect(await result).toMatchObject({ status: Status.CANCELLED });
  });

  test.for(kinds)("%s: it does not abort when the call ends", async (kind) => {
    const signals: AbortSignal[] = [];
    const { stub, channel, server } = await startPair(
      handleAll(({ signal }, [request]) => {
        signals.push(signal);
        if (request?.text === "fail") throw new GRPCError(Status.ABORTED);
        return {};
      }),
    );
    await call(stub, kind, { timeout: 60_000 });
    await rejection(call(stub, kind, {}, { text: "fail" }));
    await channel.close();
    await server.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});

describe("the requests of a cancelled call", () => {
  test.for(["clientStream", "bidi"] as const)("%s: their iteration throws signal.reason", async (kind) => {
    const first = moment();
    const thrown = moment<unknown>();
    const reasons: unknown[] = [];
    const read = async (requests: AsyncIterable<unknown>, context: ServerContext) => {
      try {
        for await (const _ of requests) first.happens();
      } catch (error) {
        reasons.push(context.signal.reason);
        thrown.happens(error);
        throw error;
      }
    };
    const { stub } = await startPair(handleRequests(read));
    const abort = new AbortController();
    async function* requests() {
      yield {};
      await aborted(abort.signal);
    }
    const options = { signal: abort.signal };
    const result = rejection(
      kind === "bidi" ? collect(stub.bidi(requests(), options)) : stub.clientStream(requests(), options),
    );
    await first.promise;
    abort.abort();
    expect(await result).toMatchObject({ status: Status.CANCELLED });
    expect(await thrown.promise).toBeInstanceOf(StreamTerminatedError);
    expect(reasons).toEqual([await thrown.promise]);
  });
});
