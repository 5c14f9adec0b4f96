import { describe, expect, test } from "vitest";
import { GRPCError, Metadata, Status } from "../../src/index.js";
import { Channel, Server } from "../../src/node.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { collect, moment, openChannel, rejection, startPair, startServer, unusedPort } from "../harness.js";
import { testService } from "./kinds.js";

// What a program may do that types forbid, or that nobody expects: it costs a call at most, and never the process.

describe("a handler", () => {
  test.for<[title: string, options: object, details: unknown]>([
    ["reserved metadata", { metadata: { "grpc-foo": "1" } }, undefined],
    ["a detail in place of a list", {}, { $typeName: "a.B" }],
  ])("that throws a GRPCError with %s: its status arrives, and that is reported", async ([, options, details]) => {
    const { stub, reports } = await startPair({
      unary() {
        throw new GRPCError(Status.NOT_FOUND, "no such book", details as never, options);
      },
    });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.NOT_FOUND, message: "no such book" });
    expect(await reports.next()).toMatchObject({ error: { name: "TypeError" } });
  });

  test("that throws an error whose causes go in a circle, after its deadline: that is reported", async () => {
    const { stub, reports } = await startPair({
      async unary(_request, { signal }) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        const circle = new Error("circle");
        circle.cause = circle;
        throw circle;
      },
    });
    expect(await rejection(stub.unary({}, { timeout: 20 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(await reports.next()).toMatchObject({ error: { cause: { message: "circle" } } });
  });

  test("of a stream that is async, but no generator: what it throws is its answer", async () => {
    const { stub } = await startPair({
      serverStream: (async () => {
        throw new GRPCError(Status.NOT_FOUND, "no such shelf");
      }) as never,
    });
    expect(await rejection(collect(stub.serverStream({})))).toMatchObject({ message: "no such shelf" });
  });

  test.for([undefined, "text", 1])("that yields %s: UNKNOWN, and it is reported", async (odd) => {
    const { stub, reports } = await startPair({
      async *serverStream() {
        yield odd as never;
      },
    });
    expect(await rejection(collect(stub.serverStream({})))).toMatchObject({ status: Status.UNKNOWN });
    expect(await reports.next()).toMatchObject({ error: { name: "ProtocolError" } });
  });

  test("that sends trailing metadata without a status: a TypeError, which is reported", async () => {
    const { stub, reports } = await startPair({
      unary: (_request, context) => context.sendTrailingMetadata({} as never),
    });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN, message: "Internal Server Error" });
    expect(await reports.next()).toMatchObject({ error: { name: "TypeError" } });
  });

  test("that blocks until its deadline is over, and then throws its own error: nothing is reported", async () => {
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

  test("with more metadata than trailers may have: status and message arrive, the metadata is dropped", async () => {
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
  /** Types take an async function for one without a result. */
  const rejectLater = (message: string) => (() => Promise.reject(new Error(message))) as () => void;

  test("onError: the server goes on", async () => {
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

  test("onTrailers: the call has succeeded, and the process goes on", async () => {
    const { stub } = await startPair({ unary: () => ({ text: "fine" }) });
    expect(await stub.unary({}, { onTrailers: rejectLater("from the hook") })).toMatchObject({ text: "fine" });
  });
});

describe("open()", () => {
  test("requests that are sent at the same time all go out", async () => {
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

  test("a response that recvTrailingMetadata() has skipped is not missed", async () => {
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
  test("with TLS options that cannot be used: each call is UNAVAILABLE, and says why", async () => {
    const channel = openChannel("https://127.0.0.1:1", { tls: { key: "garbage", cert: "garbage" } });
    const stub = new TestServiceStub(channel);
    for (let i = 0; i < 2; i++) {
      expect(await rejection(stub.unary({}))).toMatchObject({
        status: Status.UNAVAILABLE,
        message: expect.stringContaining("PEM"),
      });
    }
  });

  test("connectTimeout: Infinity is no timeout that is over at once", async () => {
    const { stub } = await startPair({ unary: () => ({}) }, { channel: { connectTimeout: Number.POSITIVE_INFINITY } });
    await stub.unary({});
  });

  test("that was given up while connecting connects with the next call", async () => {
    const { address } = await startServer({ unary: () => ({ text: "fine" }) });
    const stub = new TestServiceStub(openChannel(address));
    const abort = new AbortController();
    const first = rejection(stub.unary({}, { signal: abort.signal }));
    abort.abort();
    expect(await first).toMatchObject({ status: Status.CANCELLED });
    expect(await stub.unary({})).toMatchObject({ text: "fine" });
  });

  test("keeps no timer for its next attempt when nobody waits for it", async () => {
    const channel = new Channel(`http://127.0.0.1:${await unusedPort()}`);
    const stub = new TestServiceStub(channel);
    await rejection(stub.unary({}));
    await rejection(stub.unary({}, { waitForReady: true, timeout: 20 }));
    // Of unref'ed timers Node does not tell.
    expect(process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap")).toEqual([]);
    await channel.close();
  });
});

describe("a server", () => {
  test("that was closed while it began to listen does not listen", async () => {
    const server = new Server([testService({})]);
    const listening = rejection(server.listen({ host: "127.0.0.1", port: 0 }));
    await server.close();
    expect(await listening).toMatchObject({ message: expect.stringContaining("has been closed") });
  });

  test("that is closed twice resolves both when it is closed", async () => {
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

  test("grace: Infinity waits", async () => {
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
