import { describe, expect, test } from "vitest";
import { GRPCError, Metadata, Status } from "../../src/index.js";
import { Channel, Server } from "../../src/node.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { collect, moment, openChannel, rejection, startPair, startServer, unusedPort } from "../harness.js";
import { testService } from "./kinds.js";

// Unusual code, and code that only compiles without type checks. At worst, a call fails; the process never ends.

describe("a handler", () => {
  test.for<[title: string, options: object, details: unknown]>([
    ["reserved metadata", { metadata: { "grpc-foo": "1" } }, undefined],
    ["a detail instead of a list", {}, { $typeName: "a.B" }],
  ])(
    "that throws a GRPCError with %s: its status arrives, and the mistake is reported",
    async ([, options, details]) => {
      const { stub, reports } = await startPair({
        unary() {
          throw new GRPCError(Status.NOT_FOUND, "no such book", details as never, options);
        },
      });
      expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.NOT_FOUND, message: "no such book" });
      expect(await reports.next()).toMatchObject({ error: { name: "TypeError" } });
    },
  );

  test("that throws an error with circular causes after its deadline: the error is reported", async () => {
    const { stub, reports } = await startPair({
      async unary(_request, { signal }) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        const circle = new Error("circle");
        circle.cause = circle;
        throw circle;
      },
    });
    // Long enough for the call to reach the server.
    expect(await rejection(stub.unary({}, { timeout: 300 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(await reports.next()).toMatchObject({ error: { cause: { message: "circle" } } });
  });

  test("that is an async function instead of an async generator: the client gets the error that it throws", async () => {
    const { stub } = await startPair({
      serverStream: (async () => {
        throw new GRPCError(Status.NOT_FOUND, "no such shelf");
      }) as never,
    });
    expect(await rejection(collect(stub.serverStream({})))).toMatchObject({ message: "no such shelf" });
  });

  test("that returns a message instead of an iterable: UNKNOWN, and the report says what to do", async () => {
    const { stub, reports } = await startPair({ serverStream: (() => ({ text: "only one" })) as never });
    expect(await rejection(collect(stub.serverStream({})))).toMatchObject({ status: Status.UNKNOWN });
    const message =
      "The handler of /test.v1.TestService/ServerStream did not return an async iterable. Make it an async generator.";
    expect(await reports.next()).toMatchObject({ error: { name: "ProtocolError", message } });
  });

  test.for([undefined, "text", 1])("that yields %s: UNKNOWN, reported as a ProtocolError", async (odd) => {
    const { stub, reports } = await startPair({
      async *serverStream() {
        yield odd as never;
      },
    });
    expect(await rejection(collect(stub.serverStream({})))).toMatchObject({ status: Status.UNKNOWN });
    expect(await reports.next()).toMatchObject({ error: { name: "ProtocolError" } });
  });

  test("that calls sendTrailingMetadata() without a status: UNKNOWN, reported as a TypeError", async () => {
    const { stub, reports } = await startPair({
      unary: (_request, context) => context.sendTrailingMetadata({} as never),
    });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN, message: "Internal Server Error" });
    expect(await reports.next()).toMatchObject({ error: { name: "TypeError" } });
  });

  test("that blocks the thread beyond its deadline, and then throws a GRPCError: nothing is reported", async () => {
    const { stub, reports } = await startPair({
      unary() {
        const end = performance.now() + 60;
        while (performance.now() < end);
        throw new GRPCError(Status.NOT_FOUND, "too late");
      },
    });
    expect(await rejection(stub.unary({}, { timeout: 20 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(reports.take()).toEqual([]);
  });

  test("with more trailing metadata than the budget allows: status and message arrive, the metadata is dropped", async () => {
    const metadata = new Metadata({ large: "x".repeat(80_000) });
    const { stub, reports } = await startPair({
      unary({ text }, context) {
        if (text === "error") throw new GRPCError(Status.NOT_FOUND, "no such book", undefined, { metadata });
        context.trailingMetadata.set("large", "x".repeat(80_000));
        return { text };
      },
    });
    expect(await rejection(stub.unary({ text: "error" }))).toMatchObject({ message: "no such book" });
    expect(await stub.unary({ text: "fine" })).toMatchObject({ text: "fine" });
    expect(reports.take()).toMatchObject([
      { error: { message: expect.stringContaining("the trailing metadata") } },
      { error: { message: expect.stringContaining("the trailing metadata") } },
    ]);
  });
});

describe("an async hook that rejects", () => {
  /** TypeScript accepts an async function where a function returning void is expected. */
  const rejectLater = (message: string) => (() => Promise.reject(new Error(message))) as () => void;

  test("onError: the server keeps serving", async () => {
    const { stub } = await startPair(
      {
        unary() {
          throw new Error("a bug");
        },
      },
      { server: { onError: rejectLater("the log is full") } },
    );
    for (let i = 0; i < 2; i++) expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
  });

  test("onTrailers: the call succeeds, and the process keeps running", async () => {
    const { stub } = await startPair({ unary: () => ({ text: "fine" }) });
    expect(await stub.unary({}, { onTrailers: rejectLater("from the hook") })).toMatchObject({ text: "fine" });
  });
});

describe("open()", () => {
  test("concurrent sendMessage() calls send all of their requests", async () => {
    const { stub } = await startPair({
      async clientStream(requests) {
        return { number: (await collect(requests)).length };
      },
    });
    const response = await stub.clientStream.open(async (stream) => {
      const data = new Uint8Array(100_000);
      await Promise.all([1, 2, 3].map(() => stream.sendMessage({ data })));
      await stream.end();
      return await stream.recvMessage();
    });
    expect(response).toMatchObject({ number: 3 });
  });

  test("recvMessage() returns undefined for a response that recvTrailingMetadata() has skipped", async () => {
    const { stub } = await startPair({ unary: () => ({ text: "skipped" }) });
    await stub.unary.open(async (stream) => {
      await stream.sendMessage({});
      await stream.recvInitialMetadata();
      await stream.recvTrailingMetadata();
      expect(await stream.recvMessage()).toBeUndefined();
    });
  });
});

describe("a channel", () => {
  test("with unusable TLS options: each call is UNAVAILABLE, and its message says why", async () => {
    const channel = openChannel("https://127.0.0.1:1", { tls: { key: "garbage", cert: "garbage" } });
    const stub = new TestServiceStub(channel);
    for (let i = 0; i < 2; i++) {
      expect(await rejection(stub.unary({}))).toMatchObject({
        status: Status.UNAVAILABLE,
        message: expect.stringContaining("PEM"),
      });
    }
  });

  test("with connectTimeout: Infinity does not time out at once", async () => {
    const { stub } = await startPair({ unary: () => ({}) }, { channel: { connectTimeout: Number.POSITIVE_INFINITY } });
    await stub.unary({});
  });

  test("whose only call was cancelled while connecting connects for the next call", async () => {
    const { address } = await startServer({ unary: () => ({ text: "fine" }) });
    const stub = new TestServiceStub(openChannel(address));
    const abort = new AbortController();
    const first = rejection(stub.unary({}, { signal: abort.signal }));
    abort.abort();
    expect(await first).toMatchObject({ status: Status.CANCELLED });
    expect(await stub.unary({})).toMatchObject({ text: "fine" });
  });

  test("keeps no timer for its next connection attempt when no call waits for it", async () => {
    const channel = new Channel(`http://127.0.0.1:${await unusedPort()}`);
    const stub = new TestServiceStub(channel);
    await rejection(stub.unary({}));
    await rejection(stub.unary({}, { waitForReady: true, timeout: 20 }));
    // getActiveResourcesInfo() does not list unref'ed timers.
    expect(process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap")).toEqual([]);
    await channel.close();
  });
});

describe("a server", () => {
  test("that is closed during listen() does not listen", async () => {
    const server = new Server([testService({})]);
    const listening = rejection(server.listen({ host: "127.0.0.1", port: 0 }));
    await server.close();
    expect(await listening).toMatchObject({ message: expect.stringContaining("has been closed") });
  });

  test("resolves both of two close() calls once it is closed", async () => {
    const started = moment();
    const release = moment();
    const { stub, server } = await startPair({
      async unary() {
        started.happens();
        await release.promise;
        return { text: "finished" };
      },
    });
    const response = stub.unary({});
    await started.promise;
    const order: string[] = [];
    const closed = [server.close(), server.close()].map((closing) => closing.then(() => order.push("closed")));
    void response.then(() => order.push("finished"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    release.happens();
    await Promise.all(closed);
    expect(order).toEqual(["finished", "closed", "closed"]);
  });

  test("waits for calls in flight with grace: Infinity", async () => {
    const started = moment();
    const { stub, server } = await startPair({
      async unary() {
        started.happens();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { text: "finished" };
      },
    });
    const response = stub.unary({});
    await started.promise;
    await server.close({ grace: Number.POSITIVE_INFINITY });
    expect(await response).toMatchObject({ text: "finished" });
  });
});
