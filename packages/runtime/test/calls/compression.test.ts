import { describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../src/error-details.js";
import { type Compression, detail, GRPCError, Status } from "../../src/index.js";
import { Channel, Server } from "../../src/node.js";
import { collect, rejection, startPair } from "../harness.js";
import { call, handleAll, kinds, testService } from "./kinds.js";

const all: readonly Compression[] = ["identity", "gzip", "deflate"];
const pairs = all.flatMap((channel) => all.map((server) => [channel, server] as const));

describe.for(pairs)("requests with %s, responses with %s", ([requests, responses]) => {
  const options = { channel: { compression: requests }, server: { compression: responses } };

  test.for(kinds)("%s: messages arrive unchanged", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, [request]) => ({ text: request?.text ?? "", data: request?.data ?? Uint8Array.of() })),
      options,
    );
    const large = { text: "ö".repeat(10_000), data: Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 4) };
    for (const request of [large, { text: "", data: new Uint8Array(0) }, { text: "a", data: Uint8Array.of(1) }]) {
      const [response] = await call(stub, kind, {}, request);
      expect(response?.text).toBe(request.text);
      expect(Buffer.compare(response?.data ?? Buffer.of(9), request.data)).toBe(0);
      expect(response?.data.constructor).toBe(Uint8Array);
    }
  });

  test("the messages of a stream arrive in order", async () => {
    const { stub } = await startPair(
      {
        async *bidi(incoming) {
          for await (const { number } of incoming) yield { number, text: "text ".repeat(number) };
        },
      },
      options,
    );
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    const received = await collect(stub.bidi(numbers.map((number) => ({ number }))));
    expect(received.map(({ number }) => number)).toEqual(numbers);
    expect(received.every(({ number, text }) => text.length === 5 * number)).toBe(true);
  });

  test.for(kinds)("%s: errors arrive with their details, before and after messages", async (kind) => {
    const info = detail(ErrorInfoSchema, { reason: "NO" });
    const fail = (text: string) => new GRPCError(Status.ABORTED, text, [info]);
    const { stub } = await startPair(
      {
        ...handleAll(() => {
          throw fail("before");
        }),
        async *bidi() {
          yield { text: "first" };
          throw fail("after");
        },
      },
      options,
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({ status: Status.ABORTED, message: kind === "bidi" ? "after" : "before" });
    expect(error.origin).toBe("peer");
    expect(error.detail(ErrorInfoSchema)?.reason).toBe("NO");
  });

  test.for(kinds)("%s: headers can be sent before the messages", async (kind) => {
    const { stub } = await startPair(
      handleAll((context) => {
        context.sendInitialMetadata({ initial: "1" });
        return { text: "answer" };
      }),
      options,
    );
    let initial: unknown;
    const [response] = await call(stub, kind, { onHeaders: (metadata) => (initial = [...metadata]) });
    expect(response?.text).toBe("answer");
    // grpc-encoding is not part of the metadata.
    expect(initial).toEqual([["initial", "1"]]);
  });
});

describe("a compression that does not exist", () => {
  const br = "br" as never;
  const noSuch = new TypeError("No such compression: br. Use one of identity, gzip, deflate.");

  test("makes new Channel() and new Server() throw a TypeError", () => {
    expect(() => new Channel("http://localhost", { compression: br })).toThrow(noSuch);
    expect(() => new Server([testService({})], { compression: br })).toThrow(noSuch);
  });

  test.for(kinds)("%s: rejects the call with a TypeError before anything is sent", async (kind) => {
    const paths: string[] = [];
    const { stub } = await startPair(
      handleAll(({ method }) => {
        paths.push(method.path);
        return {};
      }),
    );
    expect(await rejection(call(stub, kind, { compression: br }))).toEqual(noSuch);
    await call(stub, kind);
    expect(paths).toHaveLength(1);
  });

  test("is a TypeError in safe() and open() too", async () => {
    const { stub } = await startPair({});
    expect(await rejection(stub.unary.safe({}, { compression: br }))).toEqual(noSuch);
    expect(() => stub.unary.open({ compression: br })).toThrow(noSuch);
    const opened = stub.unary.open(async () => {}, { compression: br });
    expect(await rejection(opened)).toEqual(noSuch);
  });
});
