import { describe, expect, test } from "vitest";
import { type GRPCError, Status, StreamTerminatedError } from "../../src/index.js";
import { call, kinds } from "../calls/kinds.js";
import { FrameType, type Http2Frame } from "../frames/frame.js";
import { data, headers, reset } from "../frames/frames.js";
import { responseFields } from "../frames/grpc.js";
import { collect, moment, rejection } from "../harness.js";
import { startFramePeer } from "./frame-server.js";
import { frame } from "./raw-client.js";
import { grpc, respond, responseFrame, startPeer } from "./raw-server.js";

const ok = { "grpc-status": "0" };

/** Creates the headers of a response, for a given stream. */
const grpcHeaders = headers(0, responseFields);

/** Creates a response as a DATA frame, for a given stream. */
const message = (number: number): Http2Frame => data(0, responseFrame({ number }));

/** A server that resets each stream with a code, after it has sent some frames. */
async function startResetting(code: number, ...frames: readonly Http2Frame[]) {
  return await startFramePeer(({ type, stream }, connection) => {
    if (type !== FrameType.HEADERS) return;
    for (const frame of frames) connection.send({ ...frame, stream });
    connection.send(reset(stream, code));
  });
}

describe("RST_STREAM with NO_ERROR", () => {
  test.for(kinds)("without a status → UNKNOWN, Missing grpc-status (%s)", async (kind) => {
    const early = await startResetting(0);
    const late = await startResetting(0, grpcHeaders, message(0));
    const expected = { status: Status.UNKNOWN, message: "Missing grpc-status", origin: "client" };
    expect(await rejection(call(early.stub, kind))).toMatchObject(expected);
    expect(await rejection(call(late.stub, kind))).toMatchObject(expected);
  });
});

describe("RST_STREAM without a status", () => {
  const codes: readonly (readonly [code: number, name: string, status: Status])[] = [
    [1, "PROTOCOL_ERROR", Status.INTERNAL],
    [2, "INTERNAL_ERROR", Status.INTERNAL],
    [3, "FLOW_CONTROL_ERROR", Status.INTERNAL],
    [4, "SETTINGS_TIMEOUT", Status.INTERNAL],
    [5, "STREAM_CLOSED", Status.INTERNAL],
    [6, "FRAME_SIZE_ERROR", Status.INTERNAL],
    [7, "REFUSED_STREAM", Status.UNAVAILABLE],
    [8, "CANCEL", Status.CANCELLED],
    [9, "COMPRESSION_ERROR", Status.INTERNAL],
    [10, "CONNECT_ERROR", Status.INTERNAL],
    [11, "ENHANCE_YOUR_CALM", Status.RESOURCE_EXHAUSTED],
    [12, "INADEQUATE_SECURITY", Status.PERMISSION_DENIED],
    [13, "HTTP_1_1_REQUIRED", Status.INTERNAL],
    [200, "200", Status.INTERNAL],
  ];

  test.for(codes)("%d before the headers", async ([code, name, status]) => {
    const { stub } = await startResetting(code);
    const errors = (await Promise.all(kinds.map((kind) => rejection(call(stub, kind))))) as GRPCError[];
    expect(errors).toMatchObject(Array(4).fill({ name: "GRPCError", status, origin: "client", cause: { code } }));
    expect(errors.map(({ cause }) => cause instanceof StreamTerminatedError)).toEqual(Array(4).fill(true));
    expect(errors.map(({ message }) => message)).toEqual(Array(4).fill(expect.stringContaining(name)));
  });

  test.for(codes)("%d after the headers and a message", async ([code, , status]) => {
    const { stub } = await startResetting(code, grpcHeaders, message(0));
    const errors = await Promise.all(kinds.map((kind) => rejection(call(stub, kind))));
    expect(errors).toMatchObject(Array(4).fill({ status, origin: "client", cause: { code } }));
  });

  test.for(codes)("%d: earlier messages are delivered", async ([code, , status]) => {
    const { stub } = await startResetting(code, grpcHeaders, message(0), message(1), message(2));
    const numbers: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const { number } of stub.serverStream({})) {
          numbers.push(number);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })(),
    );
    expect(numbers).toEqual([0, 1, 2]);
    expect(error).toMatchObject({ status, cause: { code } });
  });

  test("earlier messages are delivered to a slow reader, although the stream has closed", async () => {
    const bytes = new Uint8Array(16_000);
    const large = data(0, responseFrame({ data: bytes }));
    const { stub } = await startResetting(2, grpcHeaders, ...Array<Http2Frame>(20).fill(large));
    let count = 0;
    const error = await rejection(
      (async () => {
        for await (const response of stub.serverStream({})) {
          count += response.data.length / bytes.length;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      })(),
    );
    expect(count).toBe(20);
    expect(error).toMatchObject({ status: Status.INTERNAL, cause: { code: 2 } });
  });

  test("a reset after the status changes nothing", async () => {
    const { stub } = await startPeer((stream) => {
      stream.respond(grpc, { waitForTrailers: true });
      stream.once("wantTrailers", () => {
        stream.sendTrailers(ok);
        setImmediate(() => stream.close(2));
      });
      stream.end(responseFrame({ text: "fine" }));
    });
    for (const kind of kinds) expect(await call(stub, kind)).toMatchObject([{ text: "fine" }]);
  });

  test("other calls on the connection continue", async () => {
    const failed = moment();
    const { stub, sessions } = await startPeer((stream, headers) => {
      if (headers["first"] === "yes")
        void failed.promise.then(() => respond(stream, { body: responseFrame(), trailers: ok }));
      else stream.close(2);
    });
    const first = stub.unary({}, { metadata: { first: "yes" } });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.INTERNAL });
    failed.happens();
    await first;
    expect(sessions).toHaveLength(1);
  });
});

describe("a call that the client ends", () => {
  const failures: Record<string, Uint8Array> = {
    "undecodable message": frame(Uint8Array.of(0x0a, 0xff)),
    "message over the limit": Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff),
    "reserved frame flag": frame(new Uint8Array(0), 4),
  };
  for (const [name, body] of Object.entries(failures)) {
    test.for(kinds)(`${name}: the stream is reset with CANCEL at once (%s)`, async (kind) => {
      const code = moment<number | undefined>();
      const { stub } = await startPeer((stream) => {
        stream.on("close", () => code.happens(stream.rstCode));
        stream.respond(grpc);
        stream.write(body);
      });
      expect(await rejection(call(stub, kind))).toMatchObject({ origin: "client", details: undefined });
      expect(await code.promise).toBe(8);
    });
  }

  test("messages decoded before the failure are delivered", async () => {
    const { stub } = await startPeer((stream) => {
      stream.respond(grpc);
      stream.write(Buffer.concat([responseFrame({ text: "first" }), frame(Uint8Array.of(0x0a, 0xff))]));
    });
    const responses = stub.serverStream({});
    expect(await responses.next()).toMatchObject({ value: { text: "first" } });
    expect(await rejection(responses.next())).toMatchObject({ status: Status.INTERNAL, cause: expect.any(Error) });
  });

  test.for(["clientStream", "bidi"] as const)("a status ends it, while it is still sending (%s)", async (kind) => {
    const closed = moment();
    const { stub } = await startPeer((stream) => {
      stream.on("close", () => closed.happens());
      respond(stream, { body: responseFrame({ text: "enough" }), trailers: ok });
    });
    const left = moment();
    const requests: AsyncIterable<object> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        async return() {
          left.happens();
          return { done: true, value: undefined };
        },
      }),
    };
    const responses =
      kind === "bidi" ? collect(stub.bidi(requests)) : stub.clientStream(requests).then((only) => [only]);
    expect(await responses).toMatchObject([{ text: "enough" }]);
    await left.promise;
    // This server does not reset the stream, so the client must do it: otherwise the stream stays half-closed.
    await closed.promise;
  });
});
