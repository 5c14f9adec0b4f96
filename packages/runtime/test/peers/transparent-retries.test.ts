import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { gunzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type CallOptions, Deadline, type Init, Status } from "../../src/index.js";
import { call, kinds } from "../calls/kinds.js";
import { Flag, FrameType, type Http2Frame, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { goaway, headers, reset, Setting, settings } from "../frames/frames.js";
import { responseFields } from "../frames/grpc.js";
import { answer as answerFrames, type ServedCall, serveCalls } from "../frames/served-call.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { type TestRequest, TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { connect, rejection, startTcpServer } from "../harness.js";
import { framesOf } from "./compressed.js";
import { respond, responseFrame, startPeer } from "./raw-server.js";

// A call that the server cannot have processed is sent again, without the caller noticing: once if its stream is
// refused, and up to five times if its connection is going away.
// https://github.com/grpc/proposal/blob/master/A6-client-retries.md#transparent-retries

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_ENHANCE_YOUR_CALM } = constants;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A call as a server has received it. */
interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const textsOf = ({ body, headers }: Received) =>
  framesOf(body).map(({ flags, bytes }) => {
    const plain = flags === 1 && headers["grpc-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
    return fromBinary(TestRequestSchema, plain).text;
  });

const answer = (stream: ServerHttp2Stream) =>
  respond(stream, { body: responseFrame({ text: "answer" }), trailers: { "grpc-status": "0" } });

/**
 * A server that reads whole calls and resets the first `refusals` of them. It answers the others.
 *
 * @param refuse what it does with a call that it does not answer
 */
async function startRefusing(
  refusals: number,
  refuse = (stream: ServerHttp2Stream) => stream.close(NGHTTP2_REFUSED_STREAM),
) {
  const calls: Received[] = [];
  const peer = await startPeer((stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.once("end", () => {
      calls.push({ headers, body: Buffer.concat(chunks) });
      if (calls.length <= refusals) refuse(stream);
      else answer(stream);
    });
  });
  return { ...peer, calls };
}

async function send(stub: TestServiceStub, requests: readonly Init<TestRequest>[], options?: CallOptions) {
  return await stub.clientStream(requests, options);
}

describe("a call whose stream is refused", () => {
  test.for(kinds)("%s: it is sent again", async (kind) => {
    const { stub, calls, sessions } = await startRefusing(1);
    const metadata = { "x-key": "value" };
    expect(await call(stub, kind, { metadata }, { text: "request" })).toMatchObject([{ text: "answer" }]);
    expect(calls.map(textsOf)).toEqual([["request"], ["request"]]);
    expect(calls.map(({ headers }) => headers["x-key"])).toEqual(["value", "value"]);
    // The server cannot have seen the first attempt, so it does not count as one.
    expect(calls[1]?.headers["grpc-previous-rpc-attempts"]).toBeUndefined();
    expect(sessions).toHaveLength(1);
  });

  test.for(kinds)("%s: it fails if it is refused twice", async (kind) => {
    const { stub, calls } = await startRefusing(2);
    expect(await rejection(call(stub, kind))).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining("REFUSED_STREAM"),
    });
    expect(calls).toHaveLength(2);
  });

  test.for(kinds)("%s: it is not sent again with retry: false", async (kind) => {
    const { address, calls } = await startRefusing(1);
    expect(await rejection(call(connect(address, { retry: false }), kind))).toMatchObject({
      status: Status.UNAVAILABLE,
    });
    expect(calls).toHaveLength(1);
  });

  test("all its messages are sent again, small and large, compressed or not", async () => {
    for (const compression of ["identity", "gzip"] as const) {
      const { stub, calls } = await startRefusing(1);
      const texts = ["", "a", "b".repeat(30_000), "c", "d".repeat(200_000), "e", "f".repeat(300)];
      expect(
        await send(
          stub,
          texts.map((text) => ({ text })),
          { compression },
        ),
      ).toMatchObject({ text: "answer" });
      expect(calls.map(textsOf)).toEqual([texts, texts]);
    }
  });

  test("messages that it sends meanwhile follow the earlier ones", async () => {
    // The first stream is refused while its requests are still being sent.
    const texts: string[][] = [];
    const { address } = await startPeer((stream) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if (texts.length === 0) {
          texts.push([]);
          stream.close(NGHTTP2_REFUSED_STREAM);
        }
      });
      stream.once("end", () => {
        if (stream.rstCode !== 0) return;
        texts.push(textsOf({ headers: {}, body: Buffer.concat(chunks) }));
        answer(stream);
      });
    });
    const sent: string[] = [];
    async function* requests() {
      for (let i = 0; i < 40; i++) {
        sent.push(`${i} ${"x".repeat(i % 7 === 3 ? 20_000 : 3)}`);
        yield { text: sent.at(-1) as string };
        if (i % 3 === 0) await turn();
      }
    }
    expect(await connect(address).clientStream(requests())).toMatchObject({ text: "answer" });
    expect(texts).toEqual([[], sent]);
  });

  test("it fails if it has sent more than 1 MiB, which is not kept", async () => {
    const { stub, calls } = await startRefusing(1);
    const requests = Array.from({ length: 6 }, () => ({ text: "x".repeat(200_000) }));
    expect(await rejection(send(stub, requests))).toMatchObject({ status: Status.UNAVAILABLE });
    expect(calls).toHaveLength(1);
    expect(await send(stub, requests.slice(1))).toMatchObject({ text: "answer" });
  });

  test("it fails if all calls together have sent more than 16 MiB, and later calls are kept again", async () => {
    const { stub, calls } = await startRefusing(40);
    const large = Array.from({ length: 4 }, () => ({ text: "x".repeat(200_000) }));
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => send(stub, large)));
    const answered = outcomes.filter(({ status }) => status === "fulfilled").length;
    // 20 calls of 0.8 MB fit into 16 MiB.
    expect(answered).toBeGreaterThanOrEqual(10);
    expect(answered).toBeLessThanOrEqual(21);
    calls.length = 39;
    expect(await send(stub, large)).toMatchObject({ text: "answer" });
  });

  test.for<[name: string, code: number, status: Status]>([
    ["CANCEL", NGHTTP2_CANCEL, Status.CANCELLED],
    ["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR, Status.INTERNAL],
    ["ENHANCE_YOUR_CALM", NGHTTP2_ENHANCE_YOUR_CALM, Status.RESOURCE_EXHAUSTED],
  ])("it is not sent again after a reset with %s, which may mean that it was processed", async ([, code, status]) => {
    const { stub, calls } = await startRefusing(1, (stream) => stream.close(code));
    for (const [index, kind] of kinds.entries()) {
      calls.length = 0;
      expect(await rejection(call(stub, kind)), `call ${index}`).toMatchObject({ status });
      expect(calls).toHaveLength(1);
    }
  });

  test.for(kinds)("%s: it is not sent again after headers, which show that it was processed", async (kind) => {
    let streams = 0;
    const { address } = await startTcpServer((socket) => {
      new FrameConnection(socket, preface.length, ({ type, flags, stream }, connection) => {
        if (type !== FrameType.HEADERS && type !== FrameType.DATA) return;
        if (type === FrameType.HEADERS) streams += 1;
        if ((flags & Flag.END_STREAM) === 0) return;
        connection.send(headers(stream, responseFields), reset(stream, NGHTTP2_REFUSED_STREAM));
      }).send(settings());
    });
    expect(await rejection(call(connect(address), kind))).toMatchObject({ status: Status.UNAVAILABLE });
    expect(streams).toBe(1);
  });

  test("the second attempt is sent with the time that is left", async () => {
    const { stub, calls } = await startRefusing(1, (stream) =>
      setTimeout(() => stream.close(NGHTTP2_REFUSED_STREAM), 100),
    );
    const deadline = Deadline.after(60_000);
    await call(stub, "unary", { deadline });
    const timeouts = calls.map((each) => Number.parseInt(String(each.headers["grpc-timeout"]), 10));
    expect(timeouts[0]).toBeGreaterThan(59_900);
    expect((timeouts[0] as number) - (timeouts[1] as number)).toBeGreaterThanOrEqual(90);
    expect((timeouts[0] as number) - (timeouts[1] as number)).toBeLessThan(10_000);
  });

  test.for(kinds)("%s: a caller that cancels on the refusal sees no second attempt", async (kind) => {
    const controller = new AbortController();
    const { stub, calls } = await startRefusing(1, (stream) => {
      controller.abort();
      stream.close(NGHTTP2_REFUSED_STREAM);
    });
    expect(await rejection(call(stub, kind, { signal: controller.signal }))).toMatchObject({
      status: Status.CANCELLED,
    });
    await turn();
    await turn();
    expect(calls).toHaveLength(1);
  });

  test("it is sent before calls that wait for a stream", async () => {
    const order: string[] = [];
    const { stub } = await startPeer(
      (stream, received) => {
        order.push(String(received["x-name"]));
        if (order.length === 1) setTimeout(() => stream.close(NGHTTP2_REFUSED_STREAM), 20);
        else answer(stream);
      },
      { maxConcurrentStreams: 1 },
    );
    await stub.unary({}, { metadata: { "x-name": "zero" } }).catch(() => {});
    order.length = 0;
    await Promise.all(["first", "second", "third"].map((name) => stub.unary({}, { metadata: { "x-name": name } })));
    expect(order).toEqual(["first", "first", "second", "third"]);
  });

  test("open(): a function that has only sent gets its response from the second attempt", async () => {
    const { stub, calls } = await startRefusing(1);
    const response = await stub.bidi.open(async (stream) => {
      await stream.sendMessage({ text: "1" });
      await stream.sendMessage({ text: "2" });
      await stream.end();
      return await stream.recvMessage();
    });
    expect(response).toMatchObject({ text: "answer" });
    expect(calls.map(textsOf)).toEqual([
      ["1", "2"],
      ["1", "2"],
    ]);
  });
});

describe("a server that goes away", () => {
  /** A server of single frames whose first connections, up to `leaving`, answer each call with a GOAWAY that refuses it. */
  async function startLeavingOften(leaving: number, goodbye: readonly Http2Frame[] = [goaway(0, 0)]) {
    const { address, sockets } = await startTcpServer((socket, number) => {
      serveCalls(socket, (received) => {
        if (number <= leaving) received.connection.send(...goodbye);
        else answerFrames(received, { text: `${number}` });
      });
    });
    return { stub: connect(address), sockets };
  }

  test.for(kinds)("%s: a call is sent again for five connections in a row", async (kind) => {
    const { stub } = await startLeavingOften(5);
    expect(await call(stub, kind)).toMatchObject([{ text: "6" }]);
  });

  test.for([
    ["NO_ERROR", 0],
    ["ENHANCE_YOUR_CALM", NGHTTP2_ENHANCE_YOUR_CALM],
    ["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR],
  ] as const)("the last GOAWAY of a connection counts, here with %s", async ([, code]) => {
    const { stub } = await startLeavingOften(5, [goaway(2 ** 31 - 1, 0), goaway(0, code)]);
    for (const kind of ["unary", "bidi"] as const) expect(await call(stub, kind)).toMatchObject([{ text: "6" }]);
  });

  test.for(kinds)("%s: a call fails after six connections in a row", async (kind) => {
    const { stub, sockets } = await startLeavingOften(100);
    expect(await rejection(call(stub, kind))).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining("GOAWAY"),
    });
    expect(sockets).toHaveLength(6);
  });

  /**
   * A server of single frames. Its first connection sends a GOAWAY once it has the whole of stream 3, and answers
   * only streams up to the one that the GOAWAY names. Other connections answer every call.
   */
  async function startLeaving(lastStream: number, code = 0) {
    const served: string[] = [];
    const { address } = await startTcpServer((socket, number) => {
      const onCall = ({ connection, stream }: ServedCall) => {
        const reply = (id: number) => {
          served.push(`${number}:${id}`);
          answerFrames({ connection, stream: id }, { text: `${number}` });
        };
        if (number > 1) return reply(stream);
        if (stream !== 3) return;
        connection.send(goaway(lastStream, code));
        if (lastStream >= 1) reply(1);
        if (lastStream >= 3) reply(3);
      };
      serveCalls(socket, onCall, settings({ [Setting.MAX_CONCURRENT_STREAMS]: 100 }));
    });
    return { stub: connect(address), served };
  }

  test.for(kinds)("%s: calls above the last stream that it names are sent again on a new connection", async (kind) => {
    const { stub, served } = await startLeaving(1);
    const responses = await Promise.all([call(stub, kind), call(stub, kind)]);
    expect(responses).toMatchObject([[{ text: "1" }], [{ text: "2" }]]);
    expect(served).toEqual(["1:1", "2:1"]);
  });

  test("all calls are sent again if it names none", async () => {
    const { stub, served } = await startLeaving(0);
    expect(await Promise.all([call(stub, "unary"), call(stub, "bidi")])).toMatchObject([
      [{ text: "2" }],
      [{ text: "2" }],
    ]);
    expect(served).toEqual(["2:1", "2:3"]);
  });

  test("no call is sent again if it names all", async () => {
    const { stub, served } = await startLeaving(3);
    expect(await Promise.all([call(stub, "unary"), call(stub, "bidi")])).toMatchObject([
      [{ text: "1" }],
      [{ text: "1" }],
    ]);
    expect(served).toEqual(["1:1", "1:3"]);
  });
});
