import { describe, expect, test } from "vitest";
import { Deadline, type ServerContext, Status } from "../../src/index.js";
import { connect, moment, rejection, startPair, startPairOnNetwork, startServer, startTcpServer } from "../harness.js";
import { RawClient } from "../peers/raw-client.js";
import { call, handleAll, kinds } from "./kinds.js";

const deadlineExceeded = { name: "GRPCError", status: Status.DEADLINE_EXCEEDED };

/** A handler that runs until its call is cancelled. */
async function untilCancelled({ signal }: ServerContext): Promise<never> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  throw signal.reason;
}

describe("a deadline", () => {
  test.for(kinds)("%s: the earlier of timeout and deadline reaches the handler", async (kind) => {
    const remaining: (number | undefined)[] = [];
    const { stub } = await startPair(
      handleAll(({ deadline }) => {
        remaining.push(deadline?.remaining());
        return {};
      }),
    );

    await call(stub, kind);
    await call(stub, kind, { timeout: 60_000 });
    await call(stub, kind, { deadline: new Date(Date.now() + 60_000) });
    await call(stub, kind, { deadline: Deadline.after(60_000) });
    await call(stub, kind, { timeout: 60_000, deadline: Deadline.after(3_600_000) });
    await call(stub, kind, { timeout: 3_600_000, deadline: new Date(Date.now() + 60_000) });

    expect(remaining[0]).toBeUndefined();
    expect(remaining.slice(1).map((ms) => (ms ?? 0) > 30_000 && (ms ?? 0) <= 60_001)).toEqual(Array(5).fill(true));
  });

  test.for(kinds)("%s: that of open() does not move when the call starts later", async (kind) => {
    const remaining: number[] = [];
    const { stub } = await startPair(
      handleAll(({ deadline }) => {
        remaining.push(deadline?.remaining() ?? Number.NaN);
        return {};
      }),
    );
    for (const wait of [0, 150]) {
      await stub[kind].open(
        async (stream) => {
          if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
          await stream.sendMessage({});
          await stream.end();
          await stream.recvMessage();
        },
        { timeout: 60_000 },
      );
    }
    const [atOnce = 0, later = 0] = remaining;
    expect(atOnce).toBeLessThanOrEqual(60_000);
    expect(later).toBeLessThanOrEqual(60_000 - 149);
  });

  test.for(kinds)(
    "%s: when it passes, the caller gets DEADLINE_EXCEEDED and the handler is cancelled",
    async (kind) => {
      const cancelled = moment<unknown>();
      const { stub } = await startPair(
        handleAll((context) => {
          context.signal.addEventListener("abort", () => cancelled.happens(context.signal.reason));
          return untilCancelled(context);
        }),
      );

      const error = await rejection(call(stub, kind, { timeout: 50 }));

      expect(error).toMatchObject({ ...deadlineExceeded, method: expect.stringContaining("/test.v1.TestService/") });
      // Either the server's own timer fires first, or the client's reset arrives first.
      expect(["GRPCError", "StreamTerminatedError"]).toContain(((await cancelled.promise) as Error).name);
    },
  );

  test.for(kinds)("%s: it ends the call although the handler ignores its cancellation", async (kind) => {
    const release = moment();
    const { stub } = await startPair(
      handleAll(async () => {
        await release.promise;
        return {};
      }),
    );
    const error = await rejection(call(stub, kind, { timeout: 30 }));
    release.happens();
    expect(error).toMatchObject(deadlineExceeded);
  });

  test.for(kinds)("%s: it ends the call to a server that never answers", async (kind) => {
    const { address } = await startTcpServer();
    const error = await rejection(call(connect(address), kind, { timeout: 30 }));
    expect(error).toMatchObject({ ...deadlineExceeded, origin: "client" });
  });

  test.for(kinds)("%s: it applies while a call with waitForReady waits for a connection", async (kind) => {
    const stub = connect("http://127.0.0.1:1");
    const error = await rejection(call(stub, kind, { timeout: 30, waitForReady: true }));
    expect(error).toMatchObject({ ...deadlineExceeded, origin: "client" });
  });

  const past = {
    "a timeout of zero": () => ({ timeout: 0 }),
    "a negative timeout": () => ({ timeout: -1 }),
    "a date": () => ({ deadline: new Date(Date.now() - 1) }),
    "the beginning of time": () => ({ deadline: new Date(0) }),
    "a deadline": () => ({ deadline: Deadline.after(0) }),
  };
  test.for(Object.entries(past))("nothing is sent if it has already passed: %s", async ([, options]) => {
    const { address, sockets } = await startTcpServer();
    const stub = connect(address);
    const errors = await Promise.all(kinds.map((kind) => rejection(call(stub, kind, options()))));
    expect(errors).toMatchObject(kinds.map(() => ({ ...deadlineExceeded, origin: "client" })));
    expect(sockets).toEqual([]);
  });

  test("a deadline too far away for setTimeout() does not fire at once", async () => {
    const { stub } = await startPair(handleAll(() => ({ text: "in time" })));
    const year = 365 * 24 * 3_600_000;
    expect(await stub.unary({}, { timeout: 10 * year })).toMatchObject({ text: "in time" });
    expect(await stub.unary({}, { deadline: new Date(Date.now() + 10 * year) })).toMatchObject({ text: "in time" });
    expect(await stub.unary({}, { timeout: Number.POSITIVE_INFINITY })).toMatchObject({ text: "in time" });
  });

  test("NaN and an invalid Date are a TypeError", async () => {
    const { stub } = await startPair(handleAll(() => ({})));
    expect(await rejection(stub.unary({}, { timeout: Number.NaN }))).toBeInstanceOf(TypeError);
    expect(await rejection(stub.unary({}, { deadline: new Date("never") }))).toBeInstanceOf(TypeError);
  });

  test("a stream is cut off when it passes, after the messages that arrived in time", async () => {
    const { stub } = await startPair({
      async *serverStream(_request, context) {
        yield { text: "first" };
        await untilCancelled(context);
      },
    });
    const texts: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const { text } of stub.serverStream({}, { timeout: 300 })) texts.push(text);
      })(),
    );
    expect(texts).toEqual(["first"]);
    expect(error).toMatchObject(deadlineExceeded);
  });
});

describe("a parent", () => {
  /** A server whose handler passes its context as `parent` to a call to another server, the inner one. */
  async function startChain() {
    const inner = moment<ServerContext>();
    const outcome = moment<unknown>();
    const upstream = await startServer(
      handleAll((context) => {
        inner.happens(context);
        return untilCancelled(context);
      }),
    );
    const innerStub = connect(upstream.address);
    const { address, stub } = await startPairOnNetwork(
      handleAll(async (context) => {
        const error = await rejection(innerStub.unary({}, { parent: context }));
        outcome.happens(error);
        throw error;
      }),
    );
    return { address, stub, inner: inner.promise, outcome: outcome.promise };
  }

  test.for(kinds)("%s: its remaining deadline is passed on", async (kind) => {
    const { stub, inner, outcome } = await startChain();
    const abort = new AbortController();

    const result = rejection(call(stub, kind, { timeout: 60_000, signal: abort.signal }));
    const remaining = (await inner).deadline?.remaining() ?? 0;
    abort.abort();

    expect(remaining).toBeGreaterThan(30_000);
    expect(remaining).toBeLessThanOrEqual(60_000);
    expect(await result).toMatchObject({ status: Status.CANCELLED });
    await outcome;
  });

  test.for(kinds)("%s: its cancellation is passed on", async (kind) => {
    const { stub, inner, outcome } = await startChain();
    const abort = new AbortController();

    const result = rejection(call(stub, kind, { signal: abort.signal }));
    const { signal } = await inner;
    const innerAborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    abort.abort();

    await innerAborted;
    expect(signal.reason).toMatchObject({ name: "StreamTerminatedError", code: 8 });
    expect(await outcome).toMatchObject({
      name: "GRPCError",
      status: Status.CANCELLED,
      cause: { name: "StreamTerminatedError", code: 8 },
    });
    expect(await result).toMatchObject({ status: Status.CANCELLED });
  });

  test("when its deadline passes, the inner call fails with DEADLINE_EXCEEDED", async () => {
    const { address, outcome } = await startChain();
    // A client that does not watch the deadline itself. Its reset could arrive before the server's timer fires.
    const { trailers } = await new RawClient(address).request({ headers: { "grpc-timeout": "50m" } });
    expect(trailers["grpc-status"]).toBe(String(Status.DEADLINE_EXCEEDED));
    expect(await outcome).toMatchObject(deadlineExceeded);
  });

  test("an earlier deadline of the inner call applies", async () => {
    const innerStub = connect((await startServer(handleAll(untilCancelled))).address);
    let outcome: unknown;
    const { stub } = await startPair(
      handleAll(async (parent) => {
        outcome = await rejection(innerStub.unary({}, { parent, timeout: 20 }));
        return { text: "answered" };
      }),
    );
    expect(await stub.unary({}, { timeout: 60_000 })).toMatchObject({ text: "answered" });
    expect(outcome).toMatchObject(deadlineExceeded);
  });
});
