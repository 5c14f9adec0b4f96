import { create } from "@bufbuild/protobuf";
import {
  Metadata as GrpcMetadata,
  status as grpcStatus,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { QuotaFailureSchema } from "../../src/error-details.js";
import { DetailRegistry, GRPCError, type Metadata, Status, Unknown } from "../../src/index.js";
import { call, kinds } from "../calls/kinds.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { OwnDetailSchema, type TestRequest } from "../gen/test/v1/test_pb.js";
import { collect, connect, moment, rejection } from "../harness.js";
import { richMetadata, startGrpcJsServer } from "./grpc-js.js";

type Unary = ServerUnaryCall<TestRequest, object>;
type ServerStream = ServerWritableStream<TestRequest, object>;
type ClientStream = ServerReadableStream<TestRequest, object>;
type Bidi = ServerDuplexStream<TestRequest, object>;
type Answer = sendUnaryData<object>;

/** Handlers of all kinds that do the same once the requests have arrived. */
function handleAllWith(act: (call: Unary | ServerStream | ClientStream | Bidi, answer: Answer) => void) {
  const answerOf =
    (stream: ServerStream | Bidi): Answer =>
    (error, response, trailers) => {
      if (error !== null) return void stream.emit("error", error);
      if (response) stream.write(response);
      stream.end(trailers);
    };
  return {
    unary: (call: Unary, answer: Answer) => act(call, answer),
    serverStream: (call: ServerStream) => act(call, answerOf(call)),
    clientStream: (call: ClientStream, answer: Answer) => void call.on("end", () => act(call, answer)).resume(),
    bidi: (call: Bidi) => void call.on("end", () => act(call, answerOf(call))).resume(),
  };
}

describe("a server of grpc-js", () => {
  test("it takes calls of all kinds", async () => {
    const address = await startGrpcJsServer({
      unary: ({ request }: Unary, answer: Answer) => answer(null, { text: `${request.text}!`, data: request.data }),
      serverStream(stream: ServerStream) {
        for (let number = 0; number < stream.request.number; number++) stream.write({ number });
        stream.end();
      },
      clientStream(stream: ClientStream, answer: Answer) {
        let sum = 0;
        stream.on("data", ({ number }: TestRequest) => (sum += number));
        stream.on("end", () => answer(null, { number: sum }));
      },
      bidi(stream: Bidi) {
        stream.on("data", ({ text }: TestRequest) => stream.write({ text: `${text}!` }));
        stream.on("end", () => stream.end());
      },
    });
    const stub = connect(address);
    const data = new Uint8Array(300_000).fill(7);
    const three = [
      { text: "a", number: 1 },
      { text: "b", number: 2 },
      { text: "c", number: 3 },
    ];

    const unary = await stub.unary({ text: "a", data });
    expect(unary.text).toBe("a!");
    expect(Buffer.compare(unary.data, data)).toBe(0);
    const numbers = (await collect(stub.serverStream({ number: 100 }))).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect((await stub.clientStream(three)).number).toBe(6);
    expect((await collect(stub.bidi(three))).map(({ text }) => text)).toEqual(["a!", "b!", "c!"]);
  });

  // A grpc-js server reads compressed requests, but does not compress responses.
  test.for(kinds.flatMap((kind) => (["gzip", "deflate"] as const).map((compression) => [kind, compression] as const)))(
    "%s: it reads requests that are compressed with %s",
    async ([kind, compression]) => {
      const address = await startGrpcJsServer({
        unary: ({ request }: Unary, answer: Answer) => answer(null, { data: request.data }),
        serverStream(stream: ServerStream) {
          stream.write({ data: stream.request.data });
          stream.end();
        },
        clientStream(stream: ClientStream, answer: Answer) {
          let data: Uint8Array | undefined;
          stream.on("data", (request: TestRequest) => (data ??= request.data));
          stream.on("end", () => answer(null, { data }));
        },
        bidi(stream: Bidi) {
          stream.on("data", ({ text, data }: TestRequest) => stream.write({ text, data }));
          stream.on("end", () => stream.end());
        },
      });
      const stub = connect(address, { compression });
      const data = Uint8Array.from({ length: 300_000 }, (_, i) => i % 1000);
      const [response] = await call(stub, kind, {}, { data });
      expect(Buffer.compare(response?.data ?? Buffer.of(), data)).toBe(0);
      const echoes = await collect(stub.bidi([{ text: "a" }, {}, { text: "b" }]));
      expect(echoes.map(({ text }) => text)).toEqual(["a", "", "b"]);
    },
  );

  test.for(kinds)("%s: errors arrive when the requests are compressed", async (kind) => {
    const address = await startGrpcJsServer(
      handleAllWith((_call, answer) => answer({ code: grpcStatus.ABORTED, details: "no" })),
    );
    expect(await rejection(call(connect(address, { compression: "gzip" }), kind))).toMatchObject({
      status: Status.ABORTED,
      message: "no",
      origin: "peer",
    });
  });

  test.for(kinds)("%s: metadata goes both ways, with bytes and repeated keys", async (kind) => {
    let received: GrpcMetadata | undefined;
    const address = await startGrpcJsServer(
      handleAllWith((call, answer) => {
        received = call.metadata;
        const initial = new GrpcMetadata();
        initial.add("initial", "1");
        initial.add("initial", "2");
        initial.add("initial-bin", Buffer.of(1));
        initial.add("initial-bin", Buffer.of(2, 3));
        call.sendMetadata(initial);
        const trailing = new GrpcMetadata();
        trailing.add("trailing", "a");
        trailing.add("trailing", "b");
        trailing.add("trailing-bin", Buffer.of(255));
        answer(null, {}, trailing);
      }),
    );
    let headers: Metadata | undefined;
    let trailers: Metadata | undefined;

    await call(connect(address), kind, {
      metadata: { text: ["first", "second"], "data-bin": [Uint8Array.of(1), Uint8Array.of(2, 255)] },
      onHeaders: (metadata) => (headers = metadata),
      onTrailers: (metadata) => (trailers = metadata),
    });

    expect(received?.get("text").join()).toMatch(/^first, ?second$/);
    expect(received?.get("data-bin")).toEqual([Buffer.of(1), Buffer.of(2, 255)]);
    expect(headers?.getAll("initial")).toEqual(["1", "2"]);
    expect(headers?.getAll("initial-bin")).toEqual([Uint8Array.of(1), Uint8Array.of(2, 3)]);
    expect(trailers?.getAll("trailing")).toEqual(["a", "b"]);
    expect(trailers?.get("trailing-bin")).toEqual(Uint8Array.of(255));
  });

  test.for(kinds)("%s: rich errors arrive with status, message and details", async (kind) => {
    const quota = create(QuotaFailureSchema, { violations: [{ subject: "you", description: "naïve" }] });
    const own = create(OwnDetailSchema, { text: "own" });
    const hidden = create(HiddenDetailSchema, { text: "hidden" });
    const failure = { code: grpcStatus.FAILED_PRECONDITION, message: "100% naïve ☃ " };
    const metadata = richMetadata(failure, [
      [QuotaFailureSchema, quota],
      [OwnDetailSchema, own],
      [HiddenDetailSchema, hidden],
    ]);
    metadata.add("request-id", "7");
    const address = await startGrpcJsServer(
      handleAllWith((_call, answer) => answer({ code: failure.code, details: failure.message, metadata })),
    );

    const error = (await rejection(call(connect(address), kind))) as GRPCError;

    expect(error).toBeInstanceOf(GRPCError);
    expect(error).toMatchObject({ status: Status.FAILED_PRECONDITION, message: failure.message, origin: "peer" });
    expect(error.details?.slice(0, 2)).toEqual([quota, own]);
    expect(error.details?.[2]).toBeInstanceOf(Unknown);
    expect(error.detail(HiddenDetailSchema)).toEqual(hidden);
    expect(error.metadata?.get("request-id")).toBe("7");

    const registry = new DetailRegistry(HiddenDetailSchema);
    const known = (await rejection(call(connect(address, { registry }), kind))) as GRPCError;
    expect(known.details?.map(String)).toEqual([
      "Unknown('google.rpc.QuotaFailure')",
      "[object Object]",
      "[object Object]",
    ]);
    expect(known.details?.slice(1)).toEqual([own, hidden]);
  });

  test("no details and an empty list of details are distinguished", async () => {
    const failure = { code: grpcStatus.ABORTED, message: "no" };
    const address = await startGrpcJsServer(
      handleAllWith((call, answer) => {
        const empty = call.metadata.get("empty").length > 0;
        answer({ code: failure.code, details: "no", ...(empty && { metadata: richMetadata(failure, []) }) });
      }),
    );
    const stub = connect(address);
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.ABORTED, details: undefined });
    expect(await rejection(stub.unary({}, { metadata: { empty: "1" } }))).toMatchObject({ details: [] });
  });

  test("every status arrives", async () => {
    const address = await startGrpcJsServer({
      unary: ({ request }: Unary, answer: Answer) => answer({ code: request.number, details: `is ${request.number}` }),
    });
    const stub = connect(address);
    const codes = Array.from({ length: 16 }, (_, i) => i + 1);
    const errors = await Promise.all(codes.map((number) => rejection(stub.unary({ number }))));
    expect(errors).toMatchObject(codes.map((status) => ({ status, message: `is ${status}`, origin: "peer" })));
  });

  test.for(kinds)("%s: the deadline is sent to the server, and is enforced", async (kind) => {
    const deadline = moment<unknown>();
    const cancelled = moment();
    const address = await startGrpcJsServer(
      handleAllWith((call) => {
        deadline.happens(call.getDeadline());
        (call as ServerStream).on("cancelled", () => cancelled.happens());
      }),
    );
    const start = Date.now();

    const error = await rejection(call(connect(address), kind, { timeout: 100 }));

    expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    const given = new Date((await deadline.promise) as Date | number).getTime() - start;
    expect(given).toBeGreaterThan(50);
    expect(given).toBeLessThan(1000);
    await cancelled.promise;
  });

  test.for(kinds)("%s: a cancellation reaches it", async (kind) => {
    const running = moment();
    const cancelled = moment();
    const address = await startGrpcJsServer(
      handleAllWith((call) => {
        (call as ServerStream).on("cancelled", () => cancelled.happens());
        running.happens();
      }),
    );
    const abort = new AbortController();
    const result = rejection(call(connect(address), kind, { signal: abort.signal }));
    await running.promise;
    abort.abort("enough");
    expect(await result).toMatchObject({ status: Status.CANCELLED, cause: "enough" });
    await cancelled.promise;
  });

  test("break cancels a response stream", async () => {
    const cancelled = moment();
    const address = await startGrpcJsServer({
      serverStream(stream: ServerStream) {
        stream.on("cancelled", () => cancelled.happens());
        stream.write({ text: "first" });
      },
    });
    for await (const { text } of connect(address).serverStream({})) {
      expect(text).toBe("first");
      break;
    }
    await cancelled.promise;
  });

  test.for(kinds)("%s: a method that it does not have is UNIMPLEMENTED", async (kind) => {
    const address = await startGrpcJsServer({});
    expect(await rejection(call(connect(address), kind))).toMatchObject({
      status: Status.UNIMPLEMENTED,
      origin: "peer",
      message: expect.stringContaining("does not implement"),
    });
  });
});
