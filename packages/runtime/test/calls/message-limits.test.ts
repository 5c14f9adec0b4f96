import { describe, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { collect, connect, moment, rejection, startPair } from "../harness.js";
import { respond, responseFrame, startPeer } from "../peers/raw-server.js";
import { call, handleAll, kinds } from "./kinds.js";

const MIB = 1024 * 1024;
const LIMIT = 1000;
const compressions = ["identity", "gzip", "deflate"] as const;
const every = kinds.flatMap((kind) => compressions.map((compression) => [kind, compression] as const));

// The field's tag and length take three bytes.
const fits = new Uint8Array(LIMIT - 3);
const tooMuch = new Uint8Array(LIMIT + 1 - 3);

describe("maxSendMessageBytes of a channel", () => {
  const channel = { maxSendMessageBytes: LIMIT };
  const exhausted = {
    name: "GRPCError",
    status: Status.RESOURCE_EXHAUSTED,
    message: "A message of 1001 bytes is over the limit of 1000 (maxSendMessageBytes)",
    origin: "client",
  };

  test.for(every)(
    "%s: a request of exactly that size passes, a larger one does not (%s)",
    async ([kind, compression]) => {
      const { stub } = await startPair(
        handleAll((_context, [request]) => ({ number: request?.data.length ?? -1 })),
        { channel },
      );
      expect(await call(stub, kind, { compression }, { data: fits })).toMatchObject([{ number: fits.length }]);
      // The client rejects it: the origin is "client".
      expect(await rejection(call(stub, kind, { compression }, { data: tooMuch }))).toMatchObject(exhausted);
      expect(await call(stub, kind, { compression }, { data: fits })).toHaveLength(1);
    },
  );

  test.for(kinds)("%s: no part of the message is sent, and the call is reset", async (kind) => {
    const received: number[][] = [];
    const { address, streams } = await startPeer((stream) => {
      const sizes: number[] = [];
      received.push(sizes);
      stream.on("data", (chunk: Buffer) => sizes.push(chunk.length));
      stream.once("end", () => {
        // Node also emits it for a stream that is reset.
        if (!stream.destroyed) respond(stream, { body: responseFrame(), trailers: { "grpc-status": "0" } });
      });
    });
    const stub = connect(address, channel);
    // Establish the connection first, so that headers are sent at once.
    await stub.unary({});
    expect(await rejection(call(stub, kind, {}, { data: tooMuch }))).toMatchObject(exhausted);
    // Frames arrive in order: after this call, the server has seen everything sent before.
    await stub.unary({});
    expect(received).toEqual([[5], [], [5]]);
    expect(streams.map((stream) => stream.rstCode)).toEqual([0, 8, 0]);
  });

  test.for(["clientStream", "bidi"] as const)(
    "%s: the handler gets the requests that precede the large one",
    async (kind) => {
      const first = moment<number>();
      const ended = moment<unknown>();
      async function read(requests: AsyncIterable<{ readonly number: number }>): Promise<void> {
        try {
          for await (const { number } of requests) first.happens(number);
        } catch (error) {
          ended.happens(error);
          throw error;
        }
      }
      const { stub } = await startPair(
        {
          async clientStream(requests) {
            await read(requests);
            return {};
          },
          async *bidi(requests) {
            await read(requests);
            yield {};
          },
        },
        { channel },
      );
      async function* requests() {
        yield { number: 1 };
        await first.promise;
        yield { data: tooMuch };
      }
      const made = kind === "bidi" ? collect(stub.bidi(requests())) : stub.clientStream(requests());
      expect(await rejection(made)).toMatchObject(exhausted);
      expect(await first.promise).toBe(1);
      expect(await ended.promise).toMatchObject({ name: "StreamTerminatedError", code: 8 });
    },
  );

  test.for(["clientStream", "bidi"] as const)("%s: the request iterable is closed", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, requests) => ({ number: requests.length })),
      { channel },
    );
    const closed = moment();
    async function* requests() {
      try {
        yield { data: tooMuch };
        yield {};
      } finally {
        closed.happens();
      }
    }
    const made = kind === "bidi" ? collect(stub.bidi(requests())) : stub.clientStream(requests());
    expect(await rejection(made)).toMatchObject(exhausted);
    await closed.promise;
  });

  test("on an open stream, sendMessage() and open() reject with the error", async () => {
    const { stub } = await startPair({ bidi: async function* () {} }, { channel });
    let inside: unknown;
    const outside = await rejection(
      stub.bidi.open(async (stream) => {
        await stream.sendMessage({ data: fits });
        inside = await rejection(stream.sendMessage({ data: tooMuch }));
        throw inside;
      }),
    );
    expect(inside).toMatchObject(exhausted);
    expect(outside).toBe(inside);
  });
});

describe("maxSendMessageBytes of a server", () => {
  const server = { maxSendMessageBytes: LIMIT };
  const exhausted = {
    name: "GRPCError",
    status: Status.RESOURCE_EXHAUSTED,
    message: "A message of 1001 bytes is over the limit of 1000 (maxSendMessageBytes)",
    origin: "peer",
  };

  test.for(every)(
    "%s: a response of exactly that size passes, a larger one does not (%s)",
    async ([kind, compression]) => {
      const { stub } = await startPair(
        handleAll((_context, [request]) => ({ data: request?.text === "large" ? tooMuch : fits })),
        { server: { ...server, compression } },
      );
      expect(await call(stub, kind)).toMatchObject([{ data: fits }]);
      // The limit is checked before the headers are sent, so the response is trailers-only.
      let headers = 0;
      const onHeaders = () => {
        headers += 1;
      };
      expect(await rejection(call(stub, kind, { onHeaders }, { text: "large" }))).toMatchObject(exhausted);
      expect(headers).toBe(0);
      expect(await call(stub, kind, { onHeaders })).toHaveLength(1);
      expect(headers).toBe(1);
    },
  );

  test.for(["serverStream", "bidi"] as const)(
    "%s: the responses before the large one arrive, and the generator is closed",
    async (kind) => {
      const closed = moment();
      async function* respond() {
        try {
          yield { text: "first" };
          yield { text: "second" };
          yield { data: tooMuch };
          yield { text: "never" };
        } finally {
          closed.happens();
        }
      }
      const { stub } = await startPair({ serverStream: respond, bidi: respond }, { server });
      const texts: string[] = [];
      const error = await rejection(
        (async () => {
          for await (const { text } of kind === "bidi" ? stub.bidi([{}]) : stub.serverStream({})) texts.push(text);
        })(),
      );
      expect(texts).toEqual(["first", "second"]);
      expect(error).toMatchObject(exhausted);
      await closed.promise;
    },
  );
});

test.for(kinds)("%s: without maxSendMessageBytes, messages of any size are sent", async (kind) => {
  const maxReceiveMessageBytes = 10 * MIB;
  const { stub } = await startPair(
    handleAll((_context, [request]) => ({ data: request?.data ?? Uint8Array.of() })),
    { server: { maxReceiveMessageBytes }, channel: { maxReceiveMessageBytes } },
  );
  const [response] = await call(stub, kind, {}, { data: new Uint8Array(5 * MIB) });
  expect(response?.data).toHaveLength(5 * MIB);
});

describe("maxReceiveMessageBytes", () => {
  test.for(every)(
    "%s: a request of exactly that size passes, a larger one does not (%s)",
    async ([kind, compression]) => {
      const { stub } = await startPair(
        handleAll((_context, [request]) => ({ number: request?.data.length ?? -1 })),
        { server: { maxReceiveMessageBytes: LIMIT }, channel: { compression } },
      );
      expect(await call(stub, kind, {}, { data: fits })).toMatchObject([{ number: fits.length }]);
      const error = (await rejection(call(stub, kind, {}, { data: tooMuch }))) as GRPCError;
      expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "peer" });
      expect(error.message).toMatch(/is over the limit of 1000 \(maxReceiveMessageBytes\)$/);
    },
  );

  test.for(every)(
    "%s: a response of exactly that size passes, a larger one does not (%s)",
    async ([kind, compression]) => {
      const { stub } = await startPair(
        handleAll((_context, [request]) => ({ data: request?.text === "large" ? tooMuch : fits })),
        { channel: { maxReceiveMessageBytes: LIMIT }, server: { compression } },
      );
      expect(await call(stub, kind)).toMatchObject([{ data: fits }]);
      const error = (await rejection(call(stub, kind, {}, { text: "large" }))) as GRPCError;
      expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "client" });
      expect(error.message).toMatch(/is over the limit of 1000 \(maxReceiveMessageBytes\)$/);
    },
  );

  test.for(kinds)("%s: the default is 4 MiB on both sides", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, [request]) => ({ data: new Uint8Array(request?.number ?? 0) })),
    );
    const large = new Uint8Array(4 * MIB);
    const requestError = await rejection(call(stub, kind, {}, { data: large }));
    expect(requestError).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "peer" });
    const responseError = await rejection(call(stub, kind, {}, { number: 4 * MIB }));
    expect(responseError).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "client" });
    expect(await call(stub, kind, {}, { number: 4 * MIB - 5 })).toHaveLength(1);
  });

  test.for(every)("%s: it may be infinite (%s)", async ([kind, compression]) => {
    const maxReceiveMessageBytes = Number.POSITIVE_INFINITY;
    const { stub } = await startPair(
      handleAll((_context, [request]) => ({ data: request?.data ?? Uint8Array.of() })),
      { server: { maxReceiveMessageBytes, compression }, channel: { maxReceiveMessageBytes, compression } },
    );
    const [response] = await call(stub, kind, {}, { data: new Uint8Array(5 * MIB) });
    expect(response?.data).toHaveLength(5 * MIB);
  });

  test.for(compressions)("the responses before one that is too large arrive (%s)", async (compression) => {
    const { stub } = await startPair(
      {
        async *serverStream(_request, context) {
          yield { text: "first" };
          yield { text: "second" };
          yield { data: tooMuch };
          yield { text: "never" };
          await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        },
      },
      { channel: { maxReceiveMessageBytes: LIMIT }, server: { compression } },
    );
    const texts: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const { text } of stub.serverStream({})) texts.push(text);
      })(),
    );
    expect(texts).toEqual(["first", "second"]);
    expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "client" });
  });

  test.for(compressions)("the requests before one that is too large arrive (%s)", async (compression) => {
    const texts: string[] = [];
    const reason = moment<unknown>();
    const { stub } = await startPair(
      {
        async clientStream(requests, context) {
          try {
            for await (const { text } of requests) texts.push(text);
            return {};
          } finally {
            reason.happens(context.signal.reason);
          }
        },
      },
      { server: { maxReceiveMessageBytes: LIMIT }, channel: { compression } },
    );
    const made = stub.clientStream([{ text: "first" }, { text: "second" }, { data: tooMuch }, { text: "never" }]);
    expect(await rejection(made)).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, origin: "peer" });
    expect(await reason.promise).toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
    expect(texts).toEqual(["first", "second"]);
  });
});
